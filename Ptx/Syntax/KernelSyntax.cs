namespace Requant.Ptx.Syntax;

/// <summary>An entry as parsed.</summary>
internal sealed class KernelSyntax(string name, int line)
{
    public string Name { get; } = name;

    public int Line { get; } = line;

    public List<PtxVariable> Parameters { get; } = [];

    /// <summary>Shared and local variables.</summary>
    public Dictionary<string, PtxVariable> Variables { get; } = new(StringComparer.Ordinal);

    public List<PtxInstruction> Instructions { get; } = [];

    /// <summary>The index of the instruction that follows a label.</summary>
    public Dictionary<string, int> Labels { get; } = new(StringComparer.Ordinal);

    /// <summary>The lists of <c>.branchtargets</c>, by their labels.</summary>
    public Dictionary<string, string[]> BranchTargets { get; } = new(StringComparer.Ordinal);

    /// <summary>Registers declared, over all scopes.</summary>
    public int RegisterCount { get; set; }

    /// <summary>The most threads of a block that the kernel was compiled for; 0 when it does not say.</summary>
    public int MaxThreads { get; set; }

    public int SharedBytes => Size(StateSpace.Shared);

    public int LocalBytes => Size(StateSpace.Local);

    /// <summary>The first free byte for a variable of that alignment.</summary>
    public int Place(StateSpace space, int alignment) => (Size(space) + alignment - 1) / alignment * alignment;

    private int Size(StateSpace space) =>
        Variables.Values.Where(one => one.Space == space).Select(one => one.Offset + one.Bytes).DefaultIfEmpty(0).Max();
}
