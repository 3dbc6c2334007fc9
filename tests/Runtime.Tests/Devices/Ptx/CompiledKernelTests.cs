using System.Reflection;
using System.Runtime.InteropServices;
using ILGPU;
using Requant.CompilerServices;
using Requant.Devices;
using Requant.Ptx;
using Requant.Runtime.Tests.Support;

namespace Requant.Runtime.Tests.Devices.Ptx;

/// <summary>What ILGPU makes of C# that our kernels do not use yet: the interpreter knows it and computes
/// what C# does.</summary>
public class CompiledKernelTests
{
    private const int Threads = 64;

    /// <summary>Contexts are used again, but not after a failure, and names in a text do not say how often.</summary>
    [Fact]
    public void Compile_AfterOthersAndAFailure_WritesTheSameNames()
    {
        MethodInfo adam = KernelOf<Optimizers.Adam>();
        string first = PtxCompiler.CompileOneOfMany(adam, "sm_90");

        _ = PtxCompiler.CompileOneOfMany(KernelOf<Optimizers.Lamb>(), "sm_70");
        Assert.ThrowsAny<Exception>(() => PtxCompiler.CompileOneOfMany(((Action)Unsupported).Method, "sm_90"));

        Assert.Equal(Names(first), Names(PtxCompiler.CompileOneOfMany(adam, "sm_90")));
    }

    [Fact]
    public void Halves_LoadedAndStored_RoundAsInCSharp()
    {
        float[] values = [.. Enumerable.Range(0, Threads).Select(i => 0.1f * MathF.Pow(-1.7f, i - 32))];

        ushort[] stored = Run<ushort>(nameof(StoreHalves), values);

        Assert.Equal(Array.ConvertAll(values, value => BitConverter.HalfToUInt16Bits((System.Half)value)), stored);
        float[] widened = Run<float>(
            nameof(LoadHalves), [.. stored.Select(bits => BitConverter.UInt32BitsToSingle(bits))]);
        Assert.Equal(Array.ConvertAll(stored, bits => (float)BitConverter.UInt16BitsToHalf(bits)), widened);
    }

    [Fact]
    public void SharedMemory_BehindABarrier_ReversesTheBlock()
    {
        float[] values = [.. Enumerable.Range(0, Threads).Select(i => (float)i)];

        Assert.Equal(values.Reverse(), Run<float>(nameof(ReverseInSharedMemory), values));
    }

    [Fact]
    public void Switch_OfManyCases_TakesEachLaneToItsOwn()
    {
        float[] values = [.. Enumerable.Range(0, Threads).Select(i => (i % 7) - 1f)];

        Assert.Equal(Array.ConvertAll(values, Switched), Run<float>(nameof(Switch), values));
    }

    [Fact]
    public void Numbers_OfEveryType_ComputeAsInCSharp()
    {
        float[] values = [.. Enumerable.Range(0, Threads).Select(i => (1.37f * i) - 40.5f)];

        Assert.Equal(Array.ConvertAll(values, Mixed), Run<float>(nameof(Mix), values));
    }

    [Fact]
    public void LocalMemory_IndexedByALoop_IsTheLanesOwn()
    {
        float[] values = [.. Enumerable.Range(0, Threads).Select(i => i * 0.25f)];

        Assert.Equal(
            Array.ConvertAll(values, value => value + (value * 2f) + (value * 3f)),
            Run<float>(nameof(SumInLocalMemory), values));
    }

    [Theory]
    [InlineData(nameof(SumInLocalMemory), 0, 12)]
    [InlineData(nameof(ReverseInSharedMemory), Threads * sizeof(float), 0)]
    [InlineData(nameof(Switch), 0, 0)]
    public void Memory_OfACompiledKernel_IsWhatItAllocates(string name, int sharedBytes, int localBytes)
    {
        PtxKernel kernel = Compile(name);

        Assert.Equal(
            (sharedBytes, localBytes, localBytes > 0), (kernel.SharedBytes, kernel.LocalBytes, kernel.UsesLocalMemory));
    }

    private static void StoreHalves(ArrayView<float> source, ArrayView<ushort> target) =>
        target[Group.IdxX] = Interop.FloatAsInt((ILGPU.Half)source[Group.IdxX]);

    private static void LoadHalves(ArrayView<float> source, ArrayView<float> target) =>
        target[Group.IdxX] = (float)Interop.IntAsFloat((ushort)Interop.FloatAsInt(source[Group.IdxX]));

    private static void ReverseInSharedMemory(ArrayView<float> source, ArrayView<float> target)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(Threads);
        shared[Group.IdxX] = source[Group.IdxX];
        Group.Barrier();
        target[Group.IdxX] = shared[Threads - 1 - Group.IdxX];
    }

    private static void Switch(ArrayView<float> source, ArrayView<float> target) =>
        target[Group.IdxX] = Switched(source[Group.IdxX]);

    private static float Switched(float value)
    {
        switch ((int)value)
        {
            case 0: return 5f;
            case 1: return value * 3f;
            case 2: return value + 0.5f;
            case 3: return -value;
            case 4: return value / 3f;
            default: return 100f;
        }
    }

    private static void Mix(ArrayView<float> source, ArrayView<float> target) =>
        target[Group.IdxX] = Mixed(source[Group.IdxX]);

    private static float Mixed(float value)
    {
        double wide = value * 1.1;
        int whole = (int)MathF.Floor(value) + (int)MathF.Ceiling(value * 0.5f);
        long product = (long)whole * 1_000_003L;
        uint bits = (uint)whole;
        bits = (bits << 7) | (bits >> 25);
        byte low = (byte)bits;
        sbyte signed = (sbyte)(bits >> 3);
        ulong large = (ulong)product * 3UL;
        float sum = (float)(wide / 3.0) + (product % 1000) + low + signed + (large >> 40);
        return sum + MathF.Max(value, 2f) + MathF.Abs(value) + (value > 3f && whole != 5 ? 1f : 0f);
    }

    private static void SumInLocalMemory(ArrayView<float> source, ArrayView<float> target)
    {
        ArrayView<float> local = LocalMemory.Allocate<float>(3);
        for (int i = 0; i < 3; i++)
        {
            local[i] = source[Group.IdxX] * (i + 1);
        }

        float sum = 0f;
        for (int i = 0; i < 3; i++)
        {
            sum += local[i];
        }

        target[Group.IdxX] = sum;
    }

    private static T[] Run<T>(string name, float[] values)
        where T : unmanaged
    {
        PtxKernel kernel = Compile(name);
        var memory = new GlobalMemory();
        GlobalBuffer source = memory.Add("source", MemoryMarshal.AsBytes<float>(values).ToArray(), isWritable: false);
        GlobalBuffer target = memory.Add("target", new byte[values.Length * Marshal.SizeOf<T>()], isWritable: true);
        kernel.Run(
            new PtxGrid(1, values.Length), memory, [View(source, sizeof(float)), View(target, Marshal.SizeOf<T>())]);
        return MemoryMarshal.Cast<byte, T>(target.Bytes).ToArray();
    }

    private static PtxKernel Compile(string name)
    {
        MethodInfo method = typeof(CompiledKernelTests).GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic)!;
        return PtxModule.Parse(PtxCompiler.Compile(method, "sm_80")).Kernels.Single();
    }

    private static byte[] View(GlobalBuffer buffer, int elementBytes) =>
        [
            .. BitConverter.GetBytes(buffer.Address),
            .. BitConverter.GetBytes((long)(buffer.Bytes.Length / elementBytes)),
        ];

    private static MethodInfo KernelOf<TRule>() where TRule : IOptimizerRule<TRule> =>
        DeviceKernels.Get<TRule>(
            0, TRule.Info.PhaseCount - 1, StateFormat.Declared, ElementType.Float32, ElementType.Float32)!.Method;

    /// <summary>Of labels and variables.</summary>
    private static string[] Names(string ptx) =>
        [.. System.Text.RegularExpressions.Regex.Matches(ptx, @"\b[A-Za-z_]\w*_\d+\b").Select(name => name.Value)
            .Distinct().Order(StringComparer.Ordinal)];

    private static void Unsupported() => Console.WriteLine("no kernel");
}
