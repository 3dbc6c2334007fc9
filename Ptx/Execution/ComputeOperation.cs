using System.Numerics;
using Requant.Ptx.Syntax;

namespace Requant.Ptx.Execution;

/// <summary>A function of up to three values of a lane, as bits; what it does not use is 0.</summary>
internal delegate ulong LaneFunction(ulong a, ulong b, ulong c);

/// <summary>An instruction that computes one register from others.</summary>
internal sealed class ComputeOperation(
    PtxInstruction source, LaneFunction function, int destination, int a, int b, int c) : StraightOperation(source)
{
    private readonly int _destination = destination * Warp.Lanes;
    private readonly int _a = a * Warp.Lanes;
    private readonly int _b = b * Warp.Lanes;
    private readonly int _c = c * Warp.Lanes;

    public override void Execute(Warp warp, uint lanes)
    {
        ulong[] registers = warp.Registers;
        Span<ulong> result = registers.AsSpan(_destination, Warp.Lanes);
        ReadOnlySpan<ulong> first = registers.AsSpan(_a, Warp.Lanes);
        ReadOnlySpan<ulong> second = registers.AsSpan(_b, Warp.Lanes);
        ReadOnlySpan<ulong> third = registers.AsSpan(_c, Warp.Lanes);
        if (lanes == uint.MaxValue)
        {
            for (int lane = 0; lane < Warp.Lanes; lane++)
            {
                result[lane] = function(first[lane], second[lane], third[lane]);
            }

            return;
        }

        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            result[lane] = function(first[lane], second[lane], third[lane]);
        }
    }
}

/// <summary>A memory barrier: lanes take turns here, so that every write is seen at once.</summary>
internal sealed class FenceOperation(PtxInstruction source) : StraightOperation(source)
{
    public override void Execute(Warp warp, uint lanes)
    {
    }
}
