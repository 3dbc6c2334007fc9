using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Requant.Codecs.Blocks;

/// <summary>Encodes blocks with an arithmetic map, 64 elements at a time; see <see cref="IArithmeticMap{TSelf}"/>.
/// </summary>
internal readonly unsafe struct ArithmeticEncoder512<TMap> : IGroupEncoder
    where TMap : struct, IArithmeticMap<TMap>
{
    private const int Lanes = 16;

    /// <inheritdoc/>
    public static int Group => 4 * Lanes;

    /// <inheritdoc/>
    public static int EncodeWhileCertain(float* values, byte* codes, int start, int length, float inverse)
    {
        Vector512<float> factor = Vector512.Create(inverse);
        Vector512<int> certain = Vector512.Create((1 << TMap.FractionBits) - TMap.UncertainWindow);
        int i = start;
        for (; i <= length - Group; i += Group)
        {
            Vector512<float> u0 = Vector512.Load(values + i) * factor;
            Vector512<float> u1 = Vector512.Load(values + i + Lanes) * factor;
            Vector512<float> u2 = Vector512.Load(values + i + (2 * Lanes)) * factor;
            Vector512<float> u3 = Vector512.Load(values + i + (3 * Lanes)) * factor;
            Vector512<int> p0 = TMap.Place(u0);
            Vector512<int> p1 = TMap.Place(u1);
            Vector512<int> p2 = TMap.Place(u2);
            Vector512<int> p3 = TMap.Place(u3);

            Vector512<int> least = Vector512.Min(
                Vector512.Min(p0 & certain, p1 & certain), Vector512.Min(p2 & certain, p3 & certain));
            if (Vector512.EqualsAny(least, Vector512<int>.Zero))
            {
                break;
            }

            Vector512<byte> group = Vector512.Narrow(Vector512.Narrow(Code(p0), Code(p1)), Vector512.Narrow(Code(p2), Code(p3)));
            if (TMap.IsUnsigned)
            {
                group = PositiveCodes.AtLeastOne(group, Vector512.NarrowWithSaturation(
                    Vector512.NarrowWithSaturation(u0.AsInt32(), u1.AsInt32()), Vector512.NarrowWithSaturation(u2.AsInt32(), u3.AsInt32())));
            }

            group.Store(codes + i);
        }

        return i;
    }

    // Narrowing keeps the low bits, so that what is above the code drops out.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Code(Vector512<int> place) => place.AsUInt32() >> TMap.FractionBits;
}
