using Requant.Ptx.Execution;
using Requant.Ptx.Syntax;

namespace Requant.Ptx.Decode;

/// <summary>Decodes comparisons, selections, moves and conversions.</summary>
internal static class SelectDecoder
{
    /// <summary><c>setp</c>, also joined to a third predicate.</summary>
    public static Operation Compare(InstructionReader reader)
    {
        string comparison = reader.RequireOneOf(
            "eq", "ne", "lt", "le", "gt", "ge", "lo", "ls", "hi", "hs",
            "equ", "neu", "ltu", "leu", "gtu", "geu", "num", "nan");
        string join = reader.TakeOneOf("and", "or", "xor");
        PtxType type = reader.TakeType();
        LaneFunction? function = Comparison(comparison, type);
        if (function is not null && type == PtxType.F32 && reader.TryTake("ftz"))
        {
            function = FloatArithmetic.FlushInputs(function);
        }

        PtxRegister destination = reader.Destination(PtxType.Pred);
        int a = reader.Source(type);
        int b = reader.Source(type);
        if (join.Length == 0 || function is null)
        {
            return ArithmeticDecoder.Compute(reader, function, destination, a, b, reader.Nothing);
        }

        (int c, bool isNegated) = reader.Predicate();
        ulong negation = isNegated ? 1UL : 0UL;
        LaneFunction joined = join switch
        {
            "and" => (x, y, z) => function(x, y, 0) & (z ^ negation),
            "or" => (x, y, z) => function(x, y, 0) | (z ^ negation),
            _ => (x, y, z) => function(x, y, 0) ^ z ^ negation,
        };
        return ArithmeticDecoder.Compute(reader, joined, destination, a, b, c);
    }

    /// <summary><c>selp</c>.</summary>
    public static Operation Select(InstructionReader reader)
    {
        PtxType type = reader.TakeType();
        PtxRegister destination = reader.Destination(type);
        int a = reader.Source(type);
        int b = reader.Source(type);
        (int c, bool isNegated) = reader.Predicate();
        LaneFunction? function = isNegated || type is PtxType.Pred || type.Bits() == 8
            ? null
            : (x, y, z) => z != 0 ? x : y;
        return ArithmeticDecoder.Compute(reader, function, destination, a, b, c);
    }

    /// <summary><c>slct</c>: the first if the third is 0 or more, the second otherwise, NaN included.</summary>
    public static Operation SelectBySign(InstructionReader reader)
    {
        PtxType type = reader.TakeType();
        PtxType sign = reader.TakeType();
        bool flushes = sign == PtxType.F32 && reader.TryTake("ftz");
        PtxRegister destination = reader.Destination(type);
        int a = reader.Source(type);
        int b = reader.Source(type);
        int c = reader.Source(sign);
        LaneFunction? function = sign switch
        {
            PtxType.S32 => (x, y, z) => (int)z >= 0 ? x : y,
            PtxType.F32 when flushes => (x, y, z) => Single(FloatArithmetic.Flush(z)) >= 0f ? x : y,
            PtxType.F32 => (x, y, z) => Single(z) >= 0f ? x : y,
            _ => null,
        };
        return ArithmeticDecoder.Compute(reader, function, destination, a, b, c);
    }

    /// <summary><c>mov</c>, also of special registers and of variables' addresses, and between a register and the parts
    /// of a vector.</summary>
    public static Operation Move(InstructionReader reader)
    {
        PtxType type = reader.TakeType();
        Operand destination = reader.Operand();
        Operand source = reader.Operand();
        if (destination is VectorOperand parts)
        {
            return Unpack(reader, type, parts, source);
        }

        if (source is VectorOperand packed)
        {
            return Pack(reader, type, destination, packed);
        }

        bool isAddress = source is NameOperand name && SpecialRegister.Find(name.Name) is null;
        int slot = isAddress && type.Bits() == 64 && !type.IsFloat()
            ? reader.Constant(reader.Variable(((NameOperand)source).Name).Address)
            : reader.AsSource(source, type);
        return ArithmeticDecoder.Compute(
            reader, (a, _, _) => a, reader.AsDestination(destination, type), slot, reader.Nothing, reader.Nothing);
    }

    /// <summary><c>cvta</c>: between the addresses of a space and generic ones.</summary>
    public static Operation ConvertAddress(InstructionReader reader)
    {
        bool isTo = reader.TryTake("to");
        ulong window = reader.RequireOneOf("global", "const", "shared", "local") switch
        {
            "shared" => MemoryOperation.SharedWindow,
            "local" => MemoryOperation.LocalWindow,
            _ => 0,
        };
        PtxType type = reader.TakeType();
        PtxRegister destination = reader.Destination(type);
        Operand operand = reader.Operand();
        int source = operand is NameOperand name
            ? reader.Constant(reader.Variable(name.Name).Address)
            : reader.AsSource(operand, type);
        LaneFunction? function = type != PtxType.U64 ? null : isTo ? (a, _, _) => a - window : (a, _, _) => a + window;
        return ArithmeticDecoder.Compute(reader, function, destination, source, reader.Nothing, reader.Nothing);
    }

    /// <summary><c>cvt</c>, also of two floats to a packed pair.</summary>
    public static Operation Convert(InstructionReader reader)
    {
        string rounding = reader.TakeOneOf("rn", "rz", "rm", "rp", "rni", "rzi", "rmi", "rpi");
        bool flushes = reader.TryTake("ftz");
        bool saturates = reader.TryTake("sat");
        string pair = reader.TakeOneOf("f16x2", "bf16x2");
        if (pair.Length > 0)
        {
            return ConvertPair(reader, pair, rounding == "rn" && !flushes && !saturates);
        }

        PtxType to = reader.TakeType();
        PtxType from = reader.TakeType();
        PtxRegister destination = reader.Destination(to, mayBeWider: true);
        int source = reader.Source(from, mayBeWider: true);
        LaneFunction? function = Conversions.Find(
            new Conversion(to, from, rounding, flushes, saturates), destination.Type.Bits(), out string problem);
        return function is null
            ? throw reader.Error(problem)
            : ArithmeticDecoder.Compute(reader, function, destination, source, reader.Nothing, reader.Nothing);
    }

    private static Operation ConvertPair(InstructionReader reader, string pair, bool isPlain)
    {
        LaneFunction? function = (reader.TakeType(), isPlain, pair) switch
        {
            (PtxType.F32, true, "f16x2") => (a, b, _) => (Conversions.Float16(a) << 16) | Conversions.Float16(b),
            (PtxType.F32, true, _) => (a, b, _) => (Conversions.BFloat16(a) << 16) | Conversions.BFloat16(b),
            _ => null,
        };
        PtxRegister destination = reader.Destination(PtxType.B32);
        int high = reader.Source(PtxType.F32);
        int low = reader.Source(PtxType.F32);
        return ArithmeticDecoder.Compute(reader, function, destination, high, low, reader.Nothing);
    }

    private static LaneFunction? Comparison(string comparison, PtxType type)
    {
        // lo, ls, hi and hs are the names of unsigned comparisons; lt and the others serve both.
        string name = (comparison, type.IsInteger() && !type.IsSigned()) switch
        {
            ("lo", true) => "lt",
            ("ls", true) => "le",
            ("hi", true) => "gt",
            ("hs", true) => "ge",
            _ => comparison,
        };
        string opcode = $"setp.{name}";
        return type.IsFloat() ? FloatArithmetic.Find(opcode, type)
            : type.IsInteger() ? IntegerArithmetic.Find(opcode, type)
            : type == PtxType.Pred ? null
            : BitArithmetic.Find(opcode, type);
    }

    private static MovePartsOperation Unpack(
        InstructionReader reader, PtxType type, VectorOperand parts, Operand source)
    {
        PtxType part = Part(reader, type, parts);
        int slot = reader.AsSource(source, type);
        int[] slots = [.. parts.Elements.Select(element => reader.AsDestination(element, part).Slot)];
        reader.End();
        return new MovePartsOperation(reader.Instruction, slot, slots, part.Bits(), isPacking: false);
    }

    private static MovePartsOperation Pack(
        InstructionReader reader, PtxType type, Operand destination, VectorOperand parts)
    {
        PtxType part = Part(reader, type, parts);
        int slot = reader.AsDestination(destination, type).Slot;
        int[] slots = [.. parts.Elements.Select(element => reader.AsSource(element, part))];
        reader.End();
        return new MovePartsOperation(reader.Instruction, slot, slots, part.Bits(), isPacking: true);
    }

    private static PtxType Part(InstructionReader reader, PtxType type, VectorOperand parts) =>
        (type, parts.Elements.Count) switch
        {
            (PtxType.B32, 2) or (PtxType.B64, 4) => PtxType.B16,
            (PtxType.B64, 2) => PtxType.B32,
            _ => throw reader.Error("it moves b32 to or from 2 parts, or b64 to or from 2 or 4."),
        };

    private static float Single(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits);
}
