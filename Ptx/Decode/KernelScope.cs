using Requant.Ptx.Execution;
using Requant.Ptx.Syntax;

namespace Requant.Ptx.Decode;

/// <summary>What the names in a kernel mean.</summary>
internal sealed class KernelScope
{
    private readonly Dictionary<string, (StateSpace Space, ulong Address)> _moduleVariables;

    public KernelScope(KernelSyntax syntax, IReadOnlyList<PtxVariable> moduleVariables)
    {
        Syntax = syntax;
        Slots = new SlotTable(syntax.RegisterCount);
        _moduleVariables = Program.Place(moduleVariables).Buffers
            .Zip(moduleVariables, (buffer, variable) => (variable.Name, Place: (variable.Space, buffer.Address)))
            .ToDictionary(one => one.Name, one => one.Place, StringComparer.Ordinal);
        int offset = 0;
        foreach (PtxVariable parameter in syntax.Parameters)
        {
            offset = (offset + parameter.Alignment - 1) / parameter.Alignment * parameter.Alignment;
            Parameters.Add(parameter.Name, parameter with { Offset = offset });
            offset += parameter.Bytes;
        }
    }

    public KernelSyntax Syntax { get; }

    public SlotTable Slots { get; }

    /// <summary>The parameters with their places in the launch's parameter memory.</summary>
    public Dictionary<string, PtxVariable> Parameters { get; } = new(StringComparer.Ordinal);

    public (StateSpace Space, ulong Address)? FindVariable(string name) =>
        Syntax.Variables.TryGetValue(name, out PtxVariable? variable) ? (variable.Space, (ulong)variable.Offset)
        : _moduleVariables.TryGetValue(name, out (StateSpace, ulong) place) ? place
        : null;
}
