using System.Numerics;
using Requant.Ptx.Syntax;

namespace Requant.Ptx.Execution;

/// <summary>A branch to one label.</summary>
internal sealed class Branch(PtxInstruction source, int target, bool isUniform) : ControlOperation(source)
{
    public override int[] Targets { get; } = [target];

    public override int Continue(Warp warp, int position, uint lanes, uint selected)
    {
        if (selected == lanes)
        {
            return target;
        }

        if (selected == 0)
        {
            return position + 1;
        }

        if (isUniform)
        {
            throw new FaultException(
                $"the guard holds in lanes 0x{selected:x8} of 0x{lanes:x8}, and .uni promises that it is the same in "
                + "all of them; an assembler may rely on that.");
        }

        warp.Move(selected, target);
        warp.Move(lanes & ~selected, position + 1);
        return Warp.Scattered;
    }
}

/// <summary>A branch to one of several labels.</summary>
internal sealed class IndexedBranch(PtxInstruction source, int index, int[] targets, bool isUniform)
    : ControlOperation(source)
{
    public override int[] Targets => targets;

    public override int Continue(Warp warp, int position, uint lanes, uint selected)
    {
        warp.Move(lanes & ~selected, position + 1);
        int common = -1;
        for (uint rest = selected; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            ulong choice = warp.Registers[(index * Warp.Lanes) + lane];
            if (choice >= (ulong)targets.Length)
            {
                throw new FaultException($"lane {lane} has index {choice}, and there are {targets.Length} targets.");
            }

            int target = targets[choice];
            if (isUniform && common >= 0 && target != common)
            {
                throw new FaultException("lanes go to different targets, and .uni promises that they do not.");
            }

            common = target;
            warp.Move(1u << lane, target);
        }

        return Warp.Scattered;
    }
}

/// <summary>The end of a thread.</summary>
internal sealed class Return(PtxInstruction source) : ControlOperation(source)
{
    public override int[] Targets => [];

    public override int Continue(Warp warp, int position, uint lanes, uint selected)
    {
        warp.Move(lanes & ~selected, position + 1);
        warp.End(selected);
        return Warp.Scattered;
    }
}

/// <summary>A barrier of all threads of a block.</summary>
internal sealed class BlockBarrier(PtxInstruction source) : ControlOperation(source)
{
    public override int Continue(Warp warp, int position, uint lanes, uint selected)
    {
        warp.Move(lanes & ~selected, position + 1);
        warp.Wait(selected, position);
        return Warp.Scattered;
    }
}
