using Requant.Ptx.Decode;
using Requant.Ptx.Execution;
using Requant.Ptx.Syntax;

namespace Requant.Ptx;

/// <summary>An entry of a module. It keeps nothing between launches and is safe for all threads.</summary>
public sealed class PtxKernel
{
    private readonly Program _program;
    private readonly KernelSyntax _syntax;
    private readonly PtxVariable[] _parameters;

    internal PtxKernel(KernelSyntax syntax, IReadOnlyList<PtxVariable> moduleVariables)
    {
        var scope = new KernelScope(syntax, moduleVariables);
        _syntax = syntax;
        _program = KernelDecoder.Decode(scope, moduleVariables);
        _parameters = [.. syntax.Parameters.Select(parameter => scope.Parameters[parameter.Name])];
    }

    /// <summary>Name of the entry.</summary>
    public string Name => _syntax.Name;

    /// <summary>Bytes of each parameter, in order.</summary>
    public IReadOnlyList<int> ParameterBytes => Array.ConvertAll(_parameters, parameter => parameter.Bytes);

    /// <summary>Threads of a block that it was compiled for, or 0 for any number.</summary>
    internal int MaxThreads => _syntax.MaxThreads;

    /// <summary>Shared memory of a block that it declares, in bytes.</summary>
    public int SharedBytes => _program.SharedBytes;

    /// <summary>Local memory of a thread that it declares, in bytes: arrays that no register holds.</summary>
    public int LocalBytes => _program.LocalBytes;

    /// <summary>Whether it declares, accesses or takes addresses of local memory, which is device memory that costs
    /// traffic.</summary>
    public bool UsesLocalMemory =>
        LocalBytes > 0 || _syntax.Instructions.Exists(one => one.Modifiers.Contains("local"));

    /// <summary>Float additions, subtractions and multiplications without a rounding modifier, as written. They are
    /// executed as with <c>.rn</c>, but an assembler may contract them to fused multiply-adds, which
    /// give other bits.</summary>
    public IReadOnlyList<string> Contractible => Texts(instruction =>
        instruction.Name is "add" or "sub" or "mul" && IsFloat(instruction) && !instruction.Modifiers.Contains("rn"));

    /// <summary>Fused multiply-adds of floats, as written.</summary>
    public IReadOnlyList<string> Fused =>
        Texts(instruction => instruction.Name is "fma" or "mad" && IsFloat(instruction));

    /// <summary>Instructions whose error PTX bounds and whose bits it leaves open, <c>.approx</c> and <c>div.full</c>,
    /// as written. They are executed correctly rounded, which no device promises: compare results within
    /// a tolerance.</summary>
    public IReadOnlyList<string> Approximate => Texts(instruction =>
        instruction.Modifiers.Contains("approx") || instruction.Modifiers.Contains("full"));

    /// <summary>Guarded branches that promise to be the same in all lanes, as written. A guard that differs between
    /// lanes is an error when it is executed.</summary>
    public IReadOnlyList<string> GuardedUniformBranches => Texts(instruction =>
        instruction.Name is "bra" or "brx" && instruction.Modifiers.Contains("uni")
        && (instruction.Guard is not null || instruction.Name == "brx"));

    /// <summary>Instructions of the text by opcode with modifiers.</summary>
    public IReadOnlyDictionary<string, int> Opcodes =>
        _syntax.Instructions.CountBy(instruction => instruction.Opcode).ToDictionary();

    /// <summary>Runs the kernel to the end of its last thread.</summary>
    /// <param name="grid">Its size.</param>
    /// <param name="memory">The buffers that it may use.</param>
    /// <param name="arguments">The bytes of each parameter.</param>
    /// <returns>What it executed; the traffic is in the buffers of <paramref name="memory"/>.</returns>
    /// <exception cref="PtxException">The kernel did what PTX does not define, such as an access outside of buffers, or
    /// does not end; the message names the instruction.</exception>
    /// <exception cref="ArgumentException">Number or sizes of the arguments are not those of the parameters, or the
    /// block is larger than the kernel was compiled for.</exception>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public PtxProfile Run(PtxGrid grid, GlobalMemory memory, IReadOnlyList<byte[]> arguments)
    {
        ArgumentNullException.ThrowIfNull(grid);
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentNullException.ThrowIfNull(arguments);
        grid.Validate();
        if (_syntax.MaxThreads > 0 && grid.ThreadsPerBlock > _syntax.MaxThreads)
        {
            throw new ArgumentException(
                $"Kernel '{Name}' was compiled for at most {_syntax.MaxThreads} threads a block, "
                + $"not {grid.ThreadsPerBlock}.",
                nameof(grid));
        }

        return new LaunchContext(_program, grid, memory, Pack(arguments)).Run();
    }

    private byte[] Pack(IReadOnlyList<byte[]> arguments)
    {
        if (arguments.Count != _parameters.Length)
        {
            throw new ArgumentException(
                $"Kernel '{Name}' has {_parameters.Length} parameters, and there are {arguments.Count} arguments.",
                nameof(arguments));
        }

        var bytes = new byte[_parameters.Length == 0 ? 0 : _parameters[^1].Offset + _parameters[^1].Bytes];
        for (int i = 0; i < _parameters.Length; i++)
        {
            if (arguments[i].Length != _parameters[i].Bytes)
            {
                throw new ArgumentException(
                    $"Parameter '{_parameters[i].Name}' of kernel '{Name}' has {_parameters[i].Bytes} bytes, and its "
                    + $"argument {arguments[i].Length}.", nameof(arguments));
            }

            arguments[i].CopyTo(bytes, _parameters[i].Offset);
        }

        return bytes;
    }

    private IReadOnlyList<string> Texts(Func<PtxInstruction, bool> filter) =>
        [.. _syntax.Instructions.Where(filter).Select(instruction => $"line {instruction.Line}: {instruction.Text}")];

    private static bool IsFloat(PtxInstruction instruction) => instruction.Modifiers.Any(
        modifier => PtxTypes.TryParse(modifier, out PtxType type) && type.IsFloat());
}
