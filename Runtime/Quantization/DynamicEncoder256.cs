using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Requant.Quantization;

/// <summary>Encodes blocks with a dynamic map, 32 elements at a time; see <see cref="DynamicEncodeTables"/>.</summary>
internal readonly unsafe struct DynamicEncoder256<TMap> : IGroupEncoder
    where TMap : struct, IDynamicMap<TMap>
{
    /// <inheritdoc/>
    public static int Group => 4 * Lanes;

    private const int Lanes = 8;
    private const byte ZeroCode = 127;

    private static readonly DynamicEncodeTables Tables = new(Codebook.Table(TMap.Codec), TMap.IsSigned);
    private static readonly Vector256<int> LowSteps = Vector256.Create(Tables.SectionSteps, 0);
    private static readonly Vector256<int> HighSteps = Vector256.Create(Tables.SectionSteps, Lanes);
    private static readonly Vector256<float> Scales = Vector256.Create(Tables.Scales);
    private static readonly Vector256<float> Offsets = Vector256.Create(Tables.Offsets);
    private static readonly Vector256<int> Caps = Vector256.Create(Tables.Caps);

    public static bool IsSupported
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Avx2.IsSupported && Fma.IsSupported;
    }

    /// <inheritdoc/>
    public static int EncodeWhileCertain(float* values, byte* codes, int start, int length, float inverse)
    {
        Vector256<float> factor = Vector256.Create(inverse);
        Vector256<int> lowSteps = LowSteps;
        Vector256<int> highSteps = HighSteps;
        Vector256<float> scales = Scales;
        Vector256<float> offsets = Offsets;
        Vector256<int> caps = Caps;
        Vector256<int> certain = Vector256.Create(DynamicEncodeTables.CertainMask);
        int i = start;
        for (; i <= length - Group; i += Group)
        {
            Vector256<float> u0 = Vector256.Load(values + i) * factor;
            Vector256<float> u1 = Vector256.Load(values + i + Lanes) * factor;
            Vector256<float> u2 = Vector256.Load(values + i + (2 * Lanes)) * factor;
            Vector256<float> u3 = Vector256.Load(values + i + (3 * Lanes)) * factor;
            Vector256<int> p0 = Place(u0, lowSteps, highSteps, scales, offsets, caps);
            Vector256<int> p1 = Place(u1, lowSteps, highSteps, scales, offsets, caps);
            Vector256<int> p2 = Place(u2, lowSteps, highSteps, scales, offsets, caps);
            Vector256<int> p3 = Place(u3, lowSteps, highSteps, scales, offsets, caps);

            // A fraction is a lane's lower 16 bits: the least one of four lanes is within the window if any is.
            Vector256<ushort> least = Vector256.Min(
                Vector256.Min(p0.AsUInt16(), p1.AsUInt16()), Vector256.Min(p2.AsUInt16(), p3.AsUInt16()));
            if (Vector256.EqualsAny(least.AsInt32() & certain, Vector256<int>.Zero))
            {
                break;
            }

            Vector256<byte> positions = Avx2.PackUnsignedSaturate(
                Avx2.PackUnsignedSaturate(Position(p0), Position(p1)).AsInt16(),
                Avx2.PackUnsignedSaturate(Position(p2), Position(p3)).AsInt16());
            Vector256<sbyte> signs = Avx2.PackSignedSaturate(
                Avx2.PackSignedSaturate(u0.AsInt32(), u1.AsInt32()), Avx2.PackSignedSaturate(u2.AsInt32(), u3.AsInt32()));
            Vector256<byte> result = TMap.IsSigned
                ? WithSigns(positions, signs)
                : PositiveCodes.AtLeastOne(positions - Vector256<byte>.One, signs);

            // Saturation keeps signs. Packing works on the two halves apart and leaves every fourth code of each next to each other.
            Avx2.PermuteVar8x32(result.AsInt32(), Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)).AsByte().Store(codes + i);
        }

        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Place(
        Vector256<float> u,
        Vector256<int> lowSteps,
        Vector256<int> highSteps,
        Vector256<float> scales,
        Vector256<float> offsets,
        Vector256<int> caps)
    {
        // Without a sign, negative numbers are integers below the smallest, and so become 0.
        Vector256<int> bits = TMap.IsSigned ? u.AsInt32() & Vector256.Create(int.MaxValue) : u.AsInt32();
        bits = Vector256.Max(bits, Vector256.Create(DynamicEncodeTables.SmallestBits));
        Vector256<int> section = (bits + Steps(bits, lowSteps, highSteps)) >> DynamicEncodeTables.PairShift;
        Vector256<float> line = Fma.MultiplyAdd(
            bits.AsSingle(), Avx2.PermuteVar8x32(scales, section), Avx2.PermuteVar8x32(offsets, section));
        return Vector256.Min(line.AsInt32(), Avx2.PermuteVar8x32(caps, section));
    }

    // The entry of each pair, by its low 4 bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Steps(Vector256<int> bits, Vector256<int> low, Vector256<int> high)
    {
        Vector256<int> pair = bits >> DynamicEncodeTables.PairShift;
        if (Avx512F.VL.IsSupported)
        {
            return Avx512F.VL.PermuteVar8x32x2(low, pair, high);
        }

        // Bit 3 of the pair becomes the sign, which the blend goes by.
        return Avx.BlendVariable(
            Avx2.PermuteVar8x32(low, pair).AsSingle(),
            Avx2.PermuteVar8x32(high, pair).AsSingle(),
            (bits << (31 - DynamicEncodeTables.PairShift - 3)).AsSingle()).AsInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Position(Vector256<int> place) =>
        (place >> DynamicEncodeTables.FractionBits) & Vector256.Create((int)byte.MaxValue);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> WithSigns(Vector256<byte> positions, Vector256<sbyte> signs)
    {
        Vector256<byte> zero = Vector256.Create(ZeroCode);

        // Saturating: -1 is at the place of 128 and has code 0.
        return Vector256.ConditionalSelect(
            Vector256.LessThan(signs, Vector256<sbyte>.Zero).AsByte(),
            Vector256.SubtractSaturate(zero, positions),
            zero + positions);
    }
}
