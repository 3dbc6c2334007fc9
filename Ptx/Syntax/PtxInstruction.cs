namespace Requant.Ptx.Syntax;

/// <summary>One instruction as parsed.</summary>
/// <param name="Line">Of the PTX text, from 1.</param>
/// <param name="Text">As written, without guard and semicolon.</param>
/// <param name="Guard">The predicate before it.</param>
/// <param name="Name">The opcode without modifiers.</param>
/// <param name="Modifiers">What the points of the opcode separate, types among them.</param>
/// <param name="Operands">In the order written.</param>
internal sealed record PtxInstruction(
    int Line,
    string Text,
    RegisterOperand? Guard,
    string Name,
    IReadOnlyList<string> Modifiers,
    IReadOnlyList<Operand> Operands)
{
    /// <summary>The opcode with its modifiers.</summary>
    public string Opcode => string.Join('.', [Name, .. Modifiers]);

    public PtxException Error(string problem) => new(Line, Text, problem);
}

/// <summary>A variable of a kernel or a module.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Space">Where it is.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Alignment">In bytes.</param>
/// <param name="Offset">Its first byte in its space.</param>
/// <param name="Initial">Its initial bytes; empty when there are none.</param>
internal sealed record PtxVariable(
    string Name, StateSpace Space, int Bytes, int Alignment, int Offset, byte[] Initial);

/// <summary>Where memory is.</summary>
internal enum StateSpace
{
    Generic,
    Global,
    Const,
    Shared,
    Local,
    Param,
}
