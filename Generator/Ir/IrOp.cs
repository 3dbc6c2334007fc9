using Requant.Generator.Support;

namespace Requant.Generator.Ir;

/// <summary>Types of values.</summary>
internal enum IrType
{
    Float,
    Int,
    Bool,

    /// <summary>Of values that are the same for all elements only.</summary>
    Double,
}

/// <summary>For which elements a value is the same. What is computed of two values has the bits of both.</summary>
[Flags]
internal enum Level
{
    /// <summary>For all.</summary>
    Uniform = 0,

    /// <summary>For those of a row.</summary>
    Row = 1,

    /// <summary>For those of a column.</summary>
    Column = 2,

    /// <summary>For none.</summary>
    Element = Row | Column,
}

/// <summary>One operation; its result is named by its position in the list.</summary>
/// <param name="Code">What it does.</param>
/// <param name="Type">Type of its result.</param>
/// <param name="Operands">Positions of earlier operations.</param>
/// <param name="Index">Number of an input or reduction.</param>
/// <param name="Bits">A constant's bits as a double: 0 and -0 are equal as numbers, but not as operations.</param>
/// <param name="Text">Name of a function.</param>
/// <param name="Name">The variable that the rule's author gave the result to.</param>
/// <param name="IsOpaque">Whether a backend's compiler must not see a constant's value.</param>
/// <param name="Line">The line of the rule's text that it came from, counted from 1; 0 where it stands for more than
/// one. It says nothing about what the operation means.</param>
internal sealed record IrOp(
    OpCode Code,
    IrType Type,
    EquatableArray<int> Operands,
    int Index = 0,
    long Bits = 0,
    string Text = "",
    string Name = "",
    bool IsOpaque = false,
    int Line = 0)
{
    /// <summary>A constant; an int or bool is exact as a double, so is a float32.</summary>
    public double Value => BitConverter.Int64BitsToDouble(Bits);

    /// <summary>What the generator knows of the operation.</summary>
    public Operation Operation => Operations.Of(Code);

    public bool IsConstant => Code is OpCode.ConstFloat or OpCode.ConstInt or OpCode.ConstBool
        or OpCode.ConstDouble;

    /// <summary>Where the result differs, its operands aside.</summary>
    public Level OwnLevel => Code switch
    {
        OpCode.Parameter or OpCode.Gradient or OpCode.OldState or OpCode.Orthogonalize or OpCode.MatrixValue =>
            Level.Element,
        OpCode.OldRowState or OpCode.RowValue => Level.Row,
        OpCode.OldColumnState or OpCode.ColumnValue => Level.Column,
        OpCode.Reduce => ReductionKind.LevelOf(Text),
        _ => Level.Uniform,
    };

    /// <summary>Whether the operands' levels do not go into the result's.</summary>
    public bool IsReduced => Code is OpCode.Reduce or OpCode.Orthogonalize;

    /// <summary>Whether the result is a value that an element, a row or a column has before the rule runs.</summary>
    public bool IsInput => OwnLevel != Level.Uniform && !IsReduced;

    /// <summary>Where the result differs.</summary>
    /// <param name="levelOf">The same of an operand.</param>
    public Level LevelWith(Func<int, Level> levelOf) =>
        IsReduced ? OwnLevel : Operands.Aggregate(OwnLevel, (level, operand) => level | levelOf(operand));

    public static IrOp Float(float value) =>
        new(OpCode.ConstFloat, IrType.Float, default, Bits: BitConverter.DoubleToInt64Bits(value));

    public static IrOp Int(int value) =>
        new(OpCode.ConstInt, IrType.Int, default, Bits: BitConverter.DoubleToInt64Bits(value));

    public static IrOp Double(double value) =>
        new(OpCode.ConstDouble, IrType.Double, default, Bits: BitConverter.DoubleToInt64Bits(value));

    public static IrOp Bool(bool value) =>
        new(OpCode.ConstBool, IrType.Bool, default, Bits: BitConverter.DoubleToInt64Bits(value ? 1 : 0));
}
