using Requant.Ptx.Execution;
using Requant.Ptx.Syntax;

namespace Requant.Ptx.Decode;

/// <summary>Decodes branches, barriers and exchanges between lanes.</summary>
internal static class ControlDecoder
{
    private const int Barriers = 16;

    /// <summary><c>bra</c>.</summary>
    public static Operation Branch(InstructionReader reader)
    {
        bool isUniform = reader.TryTake("uni");
        int target = reader.Label();
        reader.End();
        return new Branch(reader.Instruction, target, isUniform);
    }

    /// <summary><c>brx.idx</c>.</summary>
    public static Operation IndexedBranch(InstructionReader reader)
    {
        reader.RequireOneOf("idx");
        bool isUniform = reader.TryTake("uni");
        int index = reader.Source(PtxType.U32);
        int[] targets = reader.Labels();
        reader.End();
        return new IndexedBranch(reader.Instruction, index, targets, isUniform);
    }

    /// <summary><c>ret exit</c>.</summary>
    public static Operation Return(InstructionReader reader)
    {
        reader.TryTake("uni");
        reader.End();
        return new Return(reader.Instruction);
    }

    /// <summary><c>bar barrier</c>: of a whole block, or with <c>.warp</c> of lanes.</summary>
    public static Operation Barrier(InstructionReader reader)
    {
        bool isWarp = reader.TryTake("warp");
        reader.TryTake("cta");
        reader.RequireOneOf("sync");
        if (isWarp)
        {
            int members = reader.Source(PtxType.B32);
            reader.End();
            return new WarpBarrier(reader.Instruction, members);
        }

        if (reader.Name == "barrier")
        {
            reader.RequireOneOf("aligned");
        }

        if (reader.Operand() is not IntegerOperand { Value: < Barriers })
        {
            throw reader.Error(
                $"the interpreter knows barriers of all threads, numbered by a literal from 0 to {Barriers - 1}.");
        }

        reader.End();
        return new BlockBarrier(reader.Instruction);
    }

    /// <summary><c>membar fence</c>.</summary>
    public static Operation Fence(InstructionReader reader)
    {
        if (reader.Name == "membar")
        {
            reader.RequireOneOf("cta", "gl", "sys");
        }
        else
        {
            reader.TakeOneOf("sc", "acq_rel");
            reader.RequireOneOf("cta", "gpu", "sys");
        }

        reader.End();
        return new FenceOperation(reader.Instruction);
    }

    /// <summary><c>shfl.sync</c>.</summary>
    public static Operation Shuffle(InstructionReader reader)
    {
        reader.RequireOneOf("sync");
        ShuffleMode mode = reader.RequireOneOf("up", "down", "bfly", "idx") switch
        {
            "up" => ShuffleMode.Up,
            "down" => ShuffleMode.Down,
            "bfly" => ShuffleMode.Bfly,
            _ => ShuffleMode.Idx,
        };
        PtxType type = reader.TakeType();
        if (type != PtxType.B32)
        {
            throw reader.Error("shuffles move b32.");
        }

        Operand result = reader.Operand();
        int inRange = -1;
        if (result is PairOperand pair)
        {
            inRange = reader.AsDestination(pair.Second, PtxType.Pred).Slot;
            result = pair.First;
        }

        int destination = reader.AsDestination(result, type).Slot;
        int value = reader.Source(type);
        int lane = reader.Source(PtxType.B32);
        int control = reader.Source(PtxType.B32);
        int members = reader.Source(PtxType.B32);
        reader.End();
        return new Shuffle(
            reader.Instruction, mode, new ShuffleSlots(destination, inRange, value, lane, control, members));
    }

    /// <summary><c>redux.sync</c>.</summary>
    public static Operation Reduce(InstructionReader reader)
    {
        reader.RequireOneOf("sync");
        string name = reader.RequireOneOf("add", "min", "max", "and", "or", "xor");
        PtxType type = reader.TakeType();
        LaneFunction? function = (name, type) switch
        {
            ("and" or "or" or "xor", PtxType.B32) => BitArithmetic.Find(name, type),
            (_, PtxType.U32 or PtxType.S32) => IntegerArithmetic.Find(name, type),
            _ => null,
        };
        int destination = reader.Destination(type).Slot;
        int value = reader.Source(type);
        int members = reader.Source(PtxType.B32);
        reader.End();
        return new Reduction(
            reader.Instruction,
            function ?? throw reader.Error("the interpreter does not know this instruction for this type."),
            destination, value, members);
    }

    /// <summary><c>vote.sync</c>.</summary>
    public static Operation Vote(InstructionReader reader)
    {
        reader.RequireOneOf("sync");
        VoteMode mode = reader.RequireOneOf("all", "any", "uni", "ballot") switch
        {
            "all" => VoteMode.All,
            "any" => VoteMode.Any,
            "uni" => VoteMode.Uni,
            _ => VoteMode.Ballot,
        };
        PtxType expected = mode == VoteMode.Ballot ? PtxType.B32 : PtxType.Pred;
        if (reader.TakeType() != expected)
        {
            throw reader.Error($"its type must be {expected.Name()}.");
        }

        int destination = reader.Destination(expected).Slot;
        (int predicate, bool isNegated) = reader.Predicate();
        int members = reader.Source(PtxType.B32);
        reader.End();
        return new Vote(reader.Instruction, mode, destination, predicate, isNegated, members);
    }
}
