using System.Numerics;
using Requant.Ptx.Syntax;

namespace Requant.Ptx.Execution;

/// <summary>A move between a register and its parts, the lowest first.</summary>
internal sealed class MovePartsOperation(PtxInstruction source, int whole, int[] parts, int partBits, bool isPacking)
    : StraightOperation(source)
{
    public override void Execute(Warp warp, uint lanes)
    {
        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            ref ulong value = ref warp.Registers[(whole * Warp.Lanes) + lane];
            ulong packed = 0;
            for (int i = 0; i < parts.Length; i++)
            {
                ref ulong part = ref warp.Registers[(parts[i] * Warp.Lanes) + lane];
                if (isPacking)
                {
                    packed |= part << (i * partBits);
                }
                else
                {
                    part = (value >> (i * partBits)) & PtxTypes.Mask(partBits);
                }
            }

            value = isPacking ? packed : value;
        }
    }
}
