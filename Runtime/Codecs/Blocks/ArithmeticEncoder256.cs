using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Requant.Codecs.Blocks;

/// <summary>Encodes blocks with an arithmetic map, 32 elements at a time; see <see cref="IArithmeticMap{TSelf}"/>.
/// </summary>
internal readonly unsafe struct ArithmeticEncoder256<TMap> : IGroupEncoder
    where TMap : struct, IArithmeticMap<TMap>
{
    private const int Lanes = 8;

    /// <inheritdoc/>
    public static int Group => 4 * Lanes;

    /// <inheritdoc/>
    public static int EncodeWhileCertain(float* values, byte* codes, int start, int length, float inverse)
    {
        Vector256<float> factor = Vector256.Create(inverse);
        Vector256<int> certain = Vector256.Create((1 << TMap.FractionBits) - TMap.UncertainWindow);
        int i = start;
        for (; i <= length - Group; i += Group)
        {
            Vector256<float> u0 = Vector256.Load(values + i) * factor;
            Vector256<float> u1 = Vector256.Load(values + i + Lanes) * factor;
            Vector256<float> u2 = Vector256.Load(values + i + (2 * Lanes)) * factor;
            Vector256<float> u3 = Vector256.Load(values + i + (3 * Lanes)) * factor;
            Vector256<int> p0 = TMap.Place(u0);
            Vector256<int> p1 = TMap.Place(u1);
            Vector256<int> p2 = TMap.Place(u2);
            Vector256<int> p3 = TMap.Place(u3);

            Vector256<int> least = Vector256.Min(
                Vector256.Min(p0 & certain, p1 & certain), Vector256.Min(p2 & certain, p3 & certain));
            if (Vector256.EqualsAny(least, Vector256<int>.Zero))
            {
                break;
            }

            Vector256<byte> group = Vector256.Narrow(Vector256.Narrow(Code(p0), Code(p1)), Vector256.Narrow(Code(p2), Code(p3)));
            if (TMap.IsUnsigned)
            {
                group = PositiveCodes.AtLeastOne(group, Vector256.NarrowWithSaturation(
                    Vector256.NarrowWithSaturation(u0.AsInt32(), u1.AsInt32()), Vector256.NarrowWithSaturation(u2.AsInt32(), u3.AsInt32())));
            }

            group.Store(codes + i);
        }

        return i;
    }

    // Narrowing keeps the low bits, so that what is above the code drops out.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Code(Vector256<int> place) => place.AsUInt32() >> TMap.FractionBits;
}
