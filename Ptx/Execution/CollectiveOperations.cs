using System.Numerics;
using Requant.Ptx.Syntax;

namespace Requant.Ptx.Execution;

/// <summary>A barrier of lanes of a warp.</summary>
internal sealed class WarpBarrier(PtxInstruction source, int members) : CollectiveOperation(source, members)
{
    public override void Meet(Warp warp, uint lanes)
    {
    }
}

/// <summary>Where a shuffle takes its values from.</summary>
internal enum ShuffleMode
{
    Up,
    Down,
    Bfly,
    Idx,
}

/// <summary>The slots of a shuffle.</summary>
/// <param name="Destination">What the lane gets.</param>
/// <param name="InRange">Predicate: whether the source lane was within the segment; -1 when not asked for.</param>
/// <param name="Value">What the lane offers.</param>
/// <param name="Lane">Distance or lane.</param>
/// <param name="Control">Clamp in bits 0 to 4, segment mask in bits 8 to 12.</param>
/// <param name="Members">Member mask.</param>
internal readonly record struct ShuffleSlots(
    int Destination, int InRange, int Value, int Lane, int Control, int Members);

/// <summary>An exchange of 32 bits between lanes of a warp.</summary>
internal sealed class Shuffle(PtxInstruction source, ShuffleMode mode, ShuffleSlots slots)
    : CollectiveOperation(source, slots.Members)
{
    private const int LaneMask = Warp.Lanes - 1;
    private const int SegmentShift = 8;

    public override void Meet(Warp warp, uint lanes)
    {
        ulong[] registers = warp.Registers;
        Span<ulong> offered = stackalloc ulong[Warp.Lanes];
        registers.AsSpan(slots.Value * Warp.Lanes, Warp.Lanes).CopyTo(offered);
        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            int operand = (int)registers[(slots.Lane * Warp.Lanes) + lane] & LaneMask;
            int from = SourceLane(
                lane, operand, (int)registers[(slots.Control * Warp.Lanes) + lane], out bool isInRange);
            if ((lanes & (1u << from)) == 0)
            {
                throw new FaultException($"lane {lane} reads lane {from}, which does not take part.");
            }

            registers[(slots.Destination * Warp.Lanes) + lane] = offered[from];
            if (slots.InRange >= 0)
            {
                registers[(slots.InRange * Warp.Lanes) + lane] = isInRange ? 1UL : 0UL;
            }
        }
    }

    private int SourceLane(int lane, int operand, int control, out bool isInRange)
    {
        int clamp = control & LaneMask;
        int segment = (control >> SegmentShift) & LaneMask;
        int first = lane & segment;
        int last = first | (clamp & ~segment);
        int from = mode switch
        {
            ShuffleMode.Up => lane - operand,
            ShuffleMode.Down => lane + operand,
            ShuffleMode.Bfly => lane ^ operand,
            _ => first | (operand & ~segment),
        };
        isInRange = mode == ShuffleMode.Up ? from >= last : from <= last;
        return isInRange ? from : lane;
    }
}

/// <summary>One value of the integers of all lanes; no order of them gives another one.</summary>
internal sealed class Reduction(PtxInstruction source, LaneFunction function, int destination, int value, int members)
    : CollectiveOperation(source, members)
{
    public override void Meet(Warp warp, uint lanes)
    {
        ReadOnlySpan<ulong> values = warp.Registers.AsSpan(value * Warp.Lanes, Warp.Lanes);
        ulong result = values[BitOperations.TrailingZeroCount(lanes)];
        for (uint rest = lanes & (lanes - 1); rest != 0; rest &= rest - 1)
        {
            result = function(result, values[BitOperations.TrailingZeroCount(rest)], 0);
        }

        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            warp.Registers[(destination * Warp.Lanes) + BitOperations.TrailingZeroCount(rest)] = result;
        }
    }
}

/// <summary>What a vote asks.</summary>
internal enum VoteMode
{
    All,
    Any,
    Uni,
    Ballot,
}

/// <summary>A question to the predicates of lanes.</summary>
internal sealed class Vote(
    PtxInstruction source, VoteMode mode, int destination, int predicate, bool isNegated, int members)
    : CollectiveOperation(source, members)
{
    public override void Meet(Warp warp, uint lanes)
    {
        uint holds = 0;
        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            bool value = (warp.Registers[(predicate * Warp.Lanes) + lane] != 0) != isNegated;
            holds |= value ? 1u << lane : 0;
        }

        ulong result = mode switch
        {
            VoteMode.All => holds == lanes ? 1UL : 0UL,
            VoteMode.Any => holds != 0 ? 1UL : 0UL,
            VoteMode.Uni => holds == lanes || holds == 0 ? 1UL : 0UL,
            _ => holds,
        };
        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            warp.Registers[(destination * Warp.Lanes) + BitOperations.TrailingZeroCount(rest)] = result;
        }
    }
}
