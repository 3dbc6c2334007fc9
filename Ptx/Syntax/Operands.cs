namespace Requant.Ptx.Syntax;

/// <summary>A register of a kernel.</summary>
/// <param name="Name">With its percent sign.</param>
/// <param name="Type">As declared.</param>
/// <param name="Slot">Its place in a lane's register file.</param>
internal sealed record PtxRegister(string Name, PtxType Type, int Slot);

/// <summary>An operand of an instruction.</summary>
internal abstract record Operand;

/// <summary>A register, or with an exclamation mark the negation of a predicate.</summary>
internal sealed record RegisterOperand(PtxRegister Register, bool IsNegated) : Operand;

/// <summary>An integer literal; a negative one is in two's complement.</summary>
internal sealed record IntegerOperand(ulong Value, bool IsNegative) : Operand;

/// <summary>A float literal by its bits: <c>0f3F800000</c> or <c>0d3FF0000000000000</c>.</summary>
internal sealed record FloatOperand(ulong Value, PtxType Type) : Operand;

/// <summary>A label, a variable or a special register; the instruction says which.</summary>
internal sealed record NameOperand(string Name) : Operand;

/// <summary><c>[base+offset]</c>: the base is a register, a variable or nothing.</summary>
internal sealed record AddressOperand(PtxRegister? Register, string? Variable, long Offset) : Operand;

/// <summary><c>{a, b}</c>.</summary>
internal sealed record VectorOperand(IReadOnlyList<Operand> Elements) : Operand;

/// <summary><c>a|p</c>: two results.</summary>
internal sealed record PairOperand(Operand First, Operand Second) : Operand;
