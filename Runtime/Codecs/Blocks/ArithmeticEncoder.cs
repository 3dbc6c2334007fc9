using Requant.Numerics.Functions;

namespace Requant.Codecs.Blocks;

/// <summary>Encodes blocks with an arithmetic map, four vectors at a time; see
/// <see cref="IArithmeticMap{TSelf}"/>.</summary>
internal readonly unsafe struct ArithmeticEncoder<TMap, TLanes> : IGroupEncoder
    where TMap : struct, IArithmeticMap<TMap>
    where TLanes : struct, IVectorLanes<TLanes>
{
    /// <inheritdoc/>
    public static int Group => 4 * TLanes.Count;

    /// <inheritdoc/>
    public static int EncodeWhileCertain(float* values, byte* codes, int start, int length, float inverse)
    {
        TLanes factor = TLanes.Of(inverse);
        TLanes certain = TLanes.OfBits((1u << TMap.FractionBits) - (uint)TMap.UncertainWindow);
        int i = start;
        for (; i <= length - Group; i += Group)
        {
            TLanes u0 = TLanes.Load(values + i) * factor;
            TLanes u1 = TLanes.Load(values + i + TLanes.Count) * factor;
            TLanes u2 = TLanes.Load(values + i + (2 * TLanes.Count)) * factor;
            TLanes u3 = TLanes.Load(values + i + (3 * TLanes.Count)) * factor;
            TLanes p0 = TMap.Place(u0);
            TLanes p1 = TMap.Place(u1);
            TLanes p2 = TMap.Place(u2);
            TLanes p3 = TMap.Place(u3);
            if (TLanes.AnyZero(p0 & certain, p1 & certain, p2 & certain, p3 & certain))
            {
                break;
            }

            // What is above the code is not in the low byte.
            TLanes k0 = p0 >> TMap.FractionBits;
            TLanes k1 = p1 >> TMap.FractionBits;
            TLanes k2 = p2 >> TMap.FractionBits;
            TLanes k3 = p3 >> TMap.FractionBits;
            if (TMap.IsUnsigned)
            {
                TLanes.StorePositiveBytes(codes + i, k0, k1, k2, k3, u0, u1, u2, u3);
            }
            else
            {
                TLanes.StoreBytes(codes + i, k0, k1, k2, k3);
            }
        }

        return i;
    }
}
