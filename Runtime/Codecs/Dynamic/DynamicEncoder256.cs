using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Requant.Codecs.Blocks;

namespace Requant.Codecs.Dynamic;

/// <summary>Encodes blocks with a dynamic map, 32 elements at a time; see <see cref="DynamicGroups"/>.</summary>
internal readonly unsafe struct DynamicEncoder256<TMap> : IGroupEncoder
    where TMap : struct, IDynamicMap<TMap>
{
    /// <inheritdoc/>
    public static int Group => 4 * Lanes;

    private const int Lanes = 8;
    private const short ZeroCode = 127;

    private static readonly DynamicGroups Tables = new(Codebook.Table(TMap.Codec), TMap.IsSigned);
    private static readonly Vector256<int> LastBelow = Vector256.Create(Tables.LastBelow);
    private static readonly Vector256<float> Scales = Vector256.Create(Tables.Scales);
    private static readonly Vector256<float> Base = Vector256.Create(Tables.Base);
    private static readonly Vector256<float> Limit = Vector256.Create(Tables.Limit);
    private static readonly Vector256<float> Origin = Vector256.Create(Tables.Origin);

    public static bool IsSupported
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Avx2.IsSupported && Fma.IsSupported;
    }

    /// <inheritdoc/>
    public static int EncodeWhileCertain(float* values, byte* codes, int start, int length, float inverse)
    {
        Vector256<float> factor = Vector256.Create(inverse);
        Vector256<int> lastBelow = LastBelow;
        Vector256<float> scales = Scales;
        Vector256<float> origin = Origin;
        int i = start;
        for (; i <= length - Group; i += Group)
        {
            Vector256<float> u0 = Vector256.Load(values + i) * factor;
            Vector256<float> u1 = Vector256.Load(values + i + Lanes) * factor;
            Vector256<float> u2 = Vector256.Load(values + i + (2 * Lanes)) * factor;
            Vector256<float> u3 = Vector256.Load(values + i + (3 * Lanes)) * factor;

            // Saturation keeps signs.
            Vector256<short> signs01 = Avx2.PackSignedSaturate(u0.AsInt32(), u1.AsInt32());
            Vector256<short> signs23 = Avx2.PackSignedSaturate(u2.AsInt32(), u3.AsInt32());
            Vector256<uint> p0 = Place(u0, lastBelow, scales, origin);
            Vector256<uint> p1 = Place(u1, lastBelow, scales, origin);
            Vector256<uint> p2 = Place(u2, lastBelow, scales, origin);
            Vector256<uint> p3 = Place(u3, lastBelow, scales, origin);

            // Only a fraction can be 0 among 16 bits of these.
            Vector256<ushort> least = Vector256.Min(
                Vector256.Min(p0.AsUInt16(), p1.AsUInt16()), Vector256.Min(p2.AsUInt16(), p3.AsUInt16()));
            if (Vector256.EqualsAny(least, Vector256<ushort>.Zero))
            {
                break;
            }

            // Packing works on the two halves apart and leaves every fourth code of each next to each other.
            Vector256<byte> result = Avx2.PackUnsignedSaturate(Codes(p0, p1, signs01), Codes(p2, p3, signs23));
            Avx2.PermuteVar8x32(result.AsInt32(), Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)).AsByte().Store(codes + i);
        }

        return i;
    }

    // A fraction in the lower half of a lane and a position in the upper one, from that of the origin on.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Place(
        Vector256<float> u, Vector256<int> lastBelow, Vector256<float> scales, Vector256<float> origin)
    {
        // Without a sign, negative numbers are integers below the smallest, and so become 0.
        Vector256<int> bits = TMap.IsSigned ? u.AsInt32() & Vector256.Create(int.MaxValue) : u.AsInt32();
        bits = Vector256.Max(bits, Vector256.Create(DynamicEncodeTables.SmallestBits));
        Vector256<int> group = Avx2.MultiplyHigh(
            (bits >> DynamicGroups.CellShift).AsUInt16(), Vector256.Create(DynamicGroups.GroupFactor)).AsInt32();
        Vector256<int> section = group - Vector256.GreaterThan(bits, Avx2.PermuteVar8x32(lastBelow, group));
        Vector256<float> h = Fma.MultiplyAdd(bits.AsSingle(), Avx2.PermuteVar8x32(scales, section), Base);
        Vector256<uint> place = Fma.MultiplyAdd(Avx.Min(h, Limit), (section << 23).AsSingle(), origin).AsUInt32();
        return TMap.IsSigned ? place : place << 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Codes(Vector256<uint> first, Vector256<uint> second, Vector256<short> signs)
    {
        Vector256<ushort> places = Avx2.PackUnsignedSaturate((first >> 16).AsInt32(), (second >> 16).AsInt32());

        // Upper halves of the bits of 128, and of twice those of 256: below it lies 0 without a sign.
        Vector256<short> positions = Vector256.SubtractSaturate(
            places, Vector256.Create((ushort)(TMap.IsSigned ? 0x4300 : 0x8700))).AsInt16();

        // Without a sign, what is above 0 has code 1 at least. With one, -1 is at the place of 128: saturation
        // makes its code 0.
        return TMap.IsSigned
            ? Avx2.Sign(positions, signs) + Vector256.Create(ZeroCode)
            : Vector256.Max(positions, Vector256.Min(signs, Vector256<short>.One));
    }
}
