using Requant.Ptx.Execution;
using Requant.Ptx.Syntax;

namespace Requant.Ptx.Decode;

/// <summary>Decodes loads, stores and atomic updates.</summary>
internal static class MemoryDecoder
{
    /// <summary><c>ld</c>.</summary>
    public static Operation Load(InstructionReader reader)
    {
        (StateSpace space, PtxType type, int count) = Access(reader, "ca", "cg", "cs", "cv", "lu");
        Operand destination = reader.Operand();
        LoadTarget[] targets =
            [.. Elements(reader, destination, count).Select(element => Target(reader, element, type))];
        if (space == StateSpace.Param)
        {
            int parameter = reader.ParameterOffset(type.Bytes() * count);
            reader.End();
            return new LoadParameter(reader.Instruction, parameter, type, targets);
        }

        (int address, long offset) = reader.Address(space);
        reader.End();
        return new Load(reader.Instruction, new MemoryAccess(space, address, offset, type, count), targets);
    }

    /// <summary><c>st</c>.</summary>
    public static Operation Store(InstructionReader reader)
    {
        (StateSpace space, PtxType type, int count) = Access(reader, "wb", "cg", "cs", "wt");
        if (space is StateSpace.Param or StateSpace.Const)
        {
            throw reader.Error("a kernel cannot store there.");
        }

        (int address, long offset) = reader.Address(space);
        int[] sources = [.. Elements(reader, reader.Operand(), count)
            .Select(element => reader.AsSource(element, type, mayBeWider: true))];
        reader.End();
        return new Store(reader.Instruction, new MemoryAccess(space, address, offset, type, count), sources);
    }

    /// <summary><c>prefetch</c>.</summary>
    public static Operation Prefetch(InstructionReader reader)
    {
        reader.RequireOneOf("global");
        reader.RequireOneOf("L1", "L2");
        (int address, long offset) = reader.Address(StateSpace.Global);
        reader.End();
        return new Prefetch(reader.Instruction, address, offset);
    }

    /// <summary><c>atom red</c>.</summary>
    public static Operation Atomic(InstructionReader reader)
    {
        StateSpace space = Space(reader);
        if (space is not (StateSpace.Generic or StateSpace.Global or StateSpace.Shared))
        {
            throw reader.Error("atomic updates are of global and shared memory.");
        }

        TakeOrdering(reader);
        string name = reader.RequireOneOf("add", "min", "max", "and", "or", "xor", "exch", "cas");
        PtxType type = reader.TakeType();
        bool returnsOld = reader.Name == "atom";
        int destination = returnsOld ? reader.Destination(type).Slot : -1;
        (int address, long offset) = reader.Address(space);
        int first = reader.Source(type);
        int second = name == "cas" ? reader.Source(type) : reader.Nothing;
        bool isKnown = type.Bits() >= 32 && (returnsOld || name is not ("exch" or "cas"));
        LaneFunction? function = !isKnown ? null : name switch
        {
            "exch" => (_, value, _) => value,
            "cas" => (old, expected, value) => old == expected ? value : old,
            "and" or "or" or "xor" => BitArithmetic.Find(name, type),
            "add" when type.IsFloat() => FloatArithmetic.Find(name, type),
            _ => IntegerArithmetic.Find(name, type),
        };
        reader.End();
        return new Atomic(
            reader.Instruction, new MemoryAccess(space, address, offset, type, 1),
            function ?? throw reader.Error("the interpreter does not know this update for this type."),
            destination, first, second);
    }

    private static (StateSpace Space, PtxType Type, int Count) Access(
        InstructionReader reader, params ReadOnlySpan<string> cacheOperators)
    {
        StateSpace space = Space(reader);
        TakeOrdering(reader);
        reader.TakeOneOf(cacheOperators);
        int count = reader.TakeOneOf("v2", "v4") switch { "v2" => 2, "v4" => 4, _ => 1 };
        PtxType type = reader.TakeType();
        const int MostBytes = 16;
        return type != PtxType.Pred && type is not (PtxType.F16 or PtxType.BF16) && type.Bytes() * count <= MostBytes
            ? (space, type, count)
            : throw reader.Error($"it moves {count} of type {type.Name()}; PTX has no such access.");
    }

    private static StateSpace Space(InstructionReader reader) =>
        reader.TakeOneOf("global", "const", "shared", "local", "param") switch
        {
            "global" => StateSpace.Global,
            "const" => StateSpace.Const,
            "shared" => StateSpace.Shared,
            "local" => StateSpace.Local,
            "param" => StateSpace.Param,
            _ => StateSpace.Generic,
        };

    /// <summary>Lanes take turns here, so that every access is as strong as the strongest.</summary>
    private static void TakeOrdering(InstructionReader reader)
    {
        string ordering = reader.TakeOneOf("weak", "relaxed", "acquire", "release", "acq_rel", "volatile");
        string scope = reader.TakeOneOf("cta", "gpu", "sys");
        bool isScoped = ordering.Length > 0 && ordering is not ("weak" or "volatile");
        bool isAtomic = reader.Name is "atom" or "red";
        if ((!isAtomic && isScoped != (scope.Length > 0)) || (isAtomic && ordering is "weak" or "volatile"))
        {
            throw reader.Error($"'{ordering}' and scope '{scope}' do not go together.");
        }
    }

    private static IReadOnlyList<Operand> Elements(InstructionReader reader, Operand operand, int count) =>
        (operand, count) switch
        {
            (VectorOperand vector, > 1) when vector.Elements.Count == count => vector.Elements,
            (not VectorOperand, 1) => [operand],
            _ => throw reader.Error($"it moves {count} elements."),
        };

    private static LoadTarget Target(InstructionReader reader, Operand operand, PtxType type)
    {
        PtxRegister register = reader.AsDestination(operand, type, mayBeWider: true);
        ulong sign = type.IsSigned() ? 1UL << (type.Bits() - 1) : 0;
        return new LoadTarget(register.Slot, sign, register.Type.Mask());
    }
}
