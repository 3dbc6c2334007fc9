using Requant.Ptx.Execution;
using Requant.Ptx.Syntax;

namespace Requant.Ptx.Decode;

/// <summary>Decodes instructions that compute a register of the type of their operands.</summary>
internal static class ArithmeticDecoder
{
    /// <summary><c>add sub mul mad fma div rem min max abs neg rcp sqrt rsqrt copysign</c>.</summary>
    public static Operation Arithmetic(InstructionReader reader)
    {
        PtxType type = reader.TakeType();
        return type.IsFloat() ? Float(reader, type) : Integer(reader, type);
    }

    /// <summary><c>and or xor not popc clz brev prmt</c>.</summary>
    public static Operation Bits(InstructionReader reader)
    {
        PtxType type = reader.TakeType();
        bool counts = reader.Name is "popc" or "clz";
        return Compute(
            reader, BitArithmetic.Find(reader.Name, type), type, counts ? PtxType.B32 : type, Arity(reader.Name));
    }

    /// <summary><c>shl shr</c>; the amount is 32 bits.</summary>
    public static Operation Shift(InstructionReader reader)
    {
        PtxType type = reader.TakeType();
        LaneFunction? function = type.IsInteger() && reader.Name == "shr"
            ? IntegerArithmetic.Find(reader.Name, type)
            : BitArithmetic.Find(reader.Name, type);
        PtxRegister destination = reader.Destination(type);
        int value = reader.Source(type);
        int amount = reader.Source(PtxType.B32);
        return Compute(reader, function, destination, value, amount, reader.Nothing);
    }

    /// <summary><c>shf</c>.</summary>
    public static Operation Funnel(InstructionReader reader)
    {
        string name = $"shf.{reader.RequireOneOf("l", "r")}.{reader.RequireOneOf("clamp", "wrap")}";
        PtxType type = reader.TakeType();
        return Compute(reader, BitArithmetic.Find(name, type), type, type, 3);
    }

    /// <summary><c>bfe</c>; position and length are 32 bits.</summary>
    public static Operation Extract(InstructionReader reader)
    {
        PtxType type = reader.TakeType();
        LaneFunction? function = type.Bits() >= 32 ? IntegerArithmetic.Find("bfe", type) : null;
        PtxRegister destination = reader.Destination(type);
        int value = reader.Source(type);
        int position = reader.Source(PtxType.U32);
        int length = reader.Source(PtxType.U32);
        return Compute(reader, function, destination, value, position, length);
    }

    /// <summary><c>lop3</c>.</summary>
    public static Operation LookUp(InstructionReader reader)
    {
        PtxType type = reader.TakeType();
        PtxRegister destination = reader.Destination(type);
        int a = reader.Source(type);
        int b = reader.Source(type);
        int c = reader.Source(type);
        if (type != PtxType.B32 || reader.Operand() is not IntegerOperand { Value: <= byte.MaxValue } table)
        {
            throw reader.Error("it needs type b32 and a table from 0 to 255.");
        }

        return Compute(reader, BitArithmetic.LookUp((byte)table.Value), destination, a, b, c);
    }

    /// <summary><c>testp</c>.</summary>
    public static Operation Test(InstructionReader reader)
    {
        string kind = reader.RequireOneOf("finite", "infinite", "number", "notanumber", "normal", "subnormal");
        PtxType type = reader.TakeType();
        return Compute(reader, FloatArithmetic.Find($"testp.{kind}", type), type, PtxType.Pred, 1);
    }

    public static Operation Compute(
        InstructionReader reader, LaneFunction? function, PtxRegister destination, int a, int b, int c)
    {
        reader.End();
        return new ComputeOperation(
            reader.Instruction,
            function ?? throw reader.Error("the interpreter does not know this instruction for this type."),
            destination.Slot, a, b, c);
    }

    private static Operation Compute(
        InstructionReader reader, LaneFunction? function, PtxType type, PtxType result, int arity)
    {
        PtxRegister destination = reader.Destination(result);
        int a = reader.Source(type);
        int b = arity > 1 ? reader.Source(type) : reader.Nothing;
        int c = arity > 2 ? reader.Source(type) : reader.Nothing;
        return Compute(reader, function, destination, a, b, c);
    }

    private static int Arity(string name) => name switch
    {
        "mad" or "fma" or "prmt" => 3,
        "abs" or "neg" or "rcp" or "sqrt" or "rsqrt" or "not" or "popc" or "clz" or "brev" => 1,
        _ => 2,
    };

    private static Operation Integer(InstructionReader reader, PtxType type)
    {
        string name = reader.Name;
        if (name is "mul" or "mad")
        {
            name += "." + reader.RequireOneOf("lo", "hi", "wide");
        }

        LaneFunction? function = name is "abs" or "neg" && !type.IsSigned() ? null : IntegerArithmetic.Find(name, type);
        PtxType result = name.EndsWith("wide", StringComparison.Ordinal) ? Wide(reader, type) : type;
        PtxRegister destination = reader.Destination(result);
        int arity = Arity(reader.Name);
        int a = reader.Source(type);
        int b = arity > 1 ? reader.Source(type) : reader.Nothing;
        int c = arity > 2 ? reader.Source(result) : reader.Nothing;
        return Compute(reader, function, destination, a, b, c);
    }

    private static PtxType Wide(InstructionReader reader, PtxType type) => type switch
    {
        PtxType.U16 => PtxType.U32,
        PtxType.S16 => PtxType.S32,
        PtxType.U32 => PtxType.U64,
        PtxType.S32 => PtxType.S64,
        _ => throw reader.Error($".wide is for 16 and 32 bits, not for {type.Name()}."),
    };

    private static Operation Float(InstructionReader reader, PtxType type)
    {
        string name = reader.Name;
        string rounding = TakeRounding(reader);
        if (name is "min" or "max" && reader.TryTake("NaN"))
        {
            name += ".NaN";
        }

        // On every target that has these, mad of floats is fma.
        LaneFunction? function = rounding is "approx" or "full"
            ? ApproximateArithmetic.Find($"{name}.{rounding}", type)
            : FloatArithmetic.Find(name == "mad" ? "fma" : name, type);
        if (function is not null && type == PtxType.F32 && name != "copysign" && reader.TryTake("ftz"))
        {
            function = FloatArithmetic.FlushToZero(function);
        }

        return Compute(reader, function, type, type, Arity(reader.Name));
    }

    private static string TakeRounding(InstructionReader reader) => reader.Name switch
    {
        "add" or "sub" or "mul" => reader.TakeOneOf("rn"),
        "mad" or "fma" => reader.RequireOneOf("rn"),
        "div" => reader.RequireOneOf("rn", "approx", "full"),
        "rcp" or "sqrt" => reader.RequireOneOf("rn", "approx"),
        "rsqrt" => reader.RequireOneOf("approx"),
        _ => "",
    };
}
