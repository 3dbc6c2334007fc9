using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Requant.Codecs.Blocks;

/// <summary>Encodes blocks with an arithmetic map, 16 elements at a time; see <see cref="IArithmeticMap{TSelf}"/>.
/// </summary>
internal readonly unsafe struct ArithmeticEncoder128<TMap> : IGroupEncoder
    where TMap : struct, IArithmeticMap<TMap>
{
    private const int Lanes = 4;

    /// <inheritdoc/>
    public static int Group => 4 * Lanes;

    /// <inheritdoc/>
    public static int EncodeWhileCertain(float* values, byte* codes, int start, int length, float inverse)
    {
        Vector128<float> factor = Vector128.Create(inverse);
        Vector128<int> certain = Vector128.Create((1 << TMap.FractionBits) - TMap.UncertainWindow);
        int i = start;
        for (; i <= length - Group; i += Group)
        {
            Vector128<float> u0 = Vector128.Load(values + i) * factor;
            Vector128<float> u1 = Vector128.Load(values + i + Lanes) * factor;
            Vector128<float> u2 = Vector128.Load(values + i + (2 * Lanes)) * factor;
            Vector128<float> u3 = Vector128.Load(values + i + (3 * Lanes)) * factor;
            Vector128<int> p0 = TMap.Place(u0);
            Vector128<int> p1 = TMap.Place(u1);
            Vector128<int> p2 = TMap.Place(u2);
            Vector128<int> p3 = TMap.Place(u3);

            Vector128<int> least = Vector128.Min(
                Vector128.Min(p0 & certain, p1 & certain), Vector128.Min(p2 & certain, p3 & certain));
            if (Vector128.EqualsAny(least, Vector128<int>.Zero))
            {
                break;
            }

            Vector128<byte> group = Vector128.Narrow(Vector128.Narrow(Code(p0), Code(p1)), Vector128.Narrow(Code(p2), Code(p3)));
            if (TMap.IsUnsigned)
            {
                group = PositiveCodes.AtLeastOne(group, Vector128.NarrowWithSaturation(
                    Vector128.NarrowWithSaturation(u0.AsInt32(), u1.AsInt32()), Vector128.NarrowWithSaturation(u2.AsInt32(), u3.AsInt32())));
            }

            group.Store(codes + i);
        }

        return i;
    }

    // Narrowing keeps the low bits, so that what is above the code drops out.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Code(Vector128<int> place) => place.AsUInt32() >> TMap.FractionBits;
}
