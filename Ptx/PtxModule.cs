using Requant.Ptx.Decode;
using Requant.Ptx.Syntax;

namespace Requant.Ptx;

/// <summary>A PTX text, parsed and decoded.</summary>
public sealed class PtxModule
{
    private PtxModule(ModuleParser syntax)
    {
        Version = syntax.Version;
        Target = syntax.Target;
        Kernels = [.. syntax.Kernels.Select(kernel => new PtxKernel(kernel, syntax.Variables))];
    }

    /// <summary>What <c>.version</c> says.</summary>
    public string Version { get; }

    /// <summary>What <c>.target</c> says, as in <c>sm_80</c>.</summary>
    public string Target { get; }

    /// <summary>The entries in the order of the text.</summary>
    public IReadOnlyList<PtxKernel> Kernels { get; }

    /// <summary>Reads and decodes a text.</summary>
    /// <param name="text">A module.</param>
    /// <exception cref="PtxException">The text has an instruction, modifier, directive or operand that the interpreter
    /// does not know, or is not PTX.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    public static PtxModule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new PtxModule(ModuleParser.Parse(text));
    }
}
