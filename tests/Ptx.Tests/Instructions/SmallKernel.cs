namespace Requant.Ptx.Tests.Instructions;

/// <summary>A kernel around a body that a test writes, and what a launch left.</summary>
/// <remarks>The body finds <c>%q0</c>, the address of the input, <c>%q1</c>, that of the output, <c>%q2</c>, that of
/// the thread's own 4 bytes of output, and <c>%r0</c>, the thread's number in its block. It has registers <c>%h0</c>,
/// <c>%r0</c>, <c>%q0</c>, <c>%f0</c>, <c>%p0</c> and on.</remarks>
internal sealed class SmallKernel
{
    private readonly PtxKernel _kernel;
    private readonly byte[] _input;
    private readonly int _outputBytes;

    /// <param name="body">Instructions up to the return.</param>
    /// <param name="input">Only for reading.</param>
    /// <param name="outputBytes">Bytes of output, which start as 0.</param>
    /// <param name="moduleVariables">Declarations before the entry.</param>
    public SmallKernel(string body, byte[]? input = null, int outputBytes = 4096, string moduleVariables = "")
    {
        _input = input ?? [];
        _outputBytes = outputBytes;
        _kernel = PtxModule.Parse(Text(body, moduleVariables)).Kernels.Single();
    }

    public static string Text(string body, string moduleVariables = "") => $$"""
        .version 7.8
        .target sm_80
        .address_size 64
        {{moduleVariables}}
        .visible .entry small(.param .u64 input, .param .u64 output)
        {
            .reg .pred %p<10>;
            .reg .b16 %h<20>;
            .reg .b32 %r<20>;
            .reg .b64 %q<20>;
            .reg .f32 %f<20>;
            ld.param.u64 %q0, [input];
            ld.param.u64 %q1, [output];
            mov.u32 %r0, %tid.x;
            mov.u32 %r19, %ctaid.x;
            mov.u32 %r18, %ntid.x;
            mad.lo.u32 %r19, %r19, %r18, %r0;
            mad.wide.u32 %q2, %r19, 4, %q1;
            {{body}}
            ret;
        }
        """;

    public GlobalBuffer Output { get; private set; } = new GlobalMemory().Add("none", [], isWritable: false);

    public GlobalBuffer Input { get; private set; } = new GlobalMemory().Add("none", [], isWritable: false);

    public PtxProfile Profile { get; private set; } = new();

    /// <summary>Launches the kernel and returns the output as 32-bit words.</summary>
    public uint[] Run(int threads = 32, int blocks = 1, PtxOrder order = PtxOrder.Forward, long limit = 1_000_000)
    {
        var memory = new GlobalMemory();
        Input = memory.Add("input", _input, isWritable: false);
        Output = memory.Add("output", new byte[_outputBytes], isWritable: true);
        Profile = _kernel.Run(
            new PtxGrid(blocks, threads) { Order = order, MaxWarpInstructions = limit }, memory,
            [BitConverter.GetBytes(Input.Address), BitConverter.GetBytes(Output.Address)]);
        return Words(Output.Bytes);
    }

    public static uint[] Words(byte[] bytes)
    {
        var words = new uint[bytes.Length / sizeof(uint)];
        Buffer.BlockCopy(bytes, 0, words, 0, words.Length * sizeof(uint));
        return words;
    }
}
