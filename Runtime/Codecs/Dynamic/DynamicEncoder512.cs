using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Requant.Codecs.Blocks;

namespace Requant.Codecs.Dynamic;

/// <summary>Encodes blocks with a dynamic map, 64 elements at a time; see <see cref="DynamicEncodeTables"/>.</summary>
internal readonly unsafe struct DynamicEncoder512<TMap> : IGroupEncoder
    where TMap : struct, IDynamicMap<TMap>
{
    /// <inheritdoc/>
    public static int Group => 4 * Lanes;

    private const int Lanes = 16;
    private const byte ZeroCode = 127;

    // Of VRANGEPS: the larger magnitude, without its sign.
    private const byte LargerMagnitude = 0b1011;

    private static readonly DynamicEncodeTables Tables = new(Codebook.Table(TMap.Codec), TMap.IsSigned);
    private static readonly Vector512<int> SectionSteps = Vector512.Create(Tables.SectionSteps);
    private static readonly Vector512<float> Scales = Twice(Tables.Scales);
    private static readonly Vector512<float> Offsets = Twice(Tables.Offsets);
    private static readonly Vector512<int> Caps = Twice(Tables.Caps);
    private static readonly int LeastPositive = BitConverter.SingleToInt32Bits(
        TMap.Codebook.Values[TMap.Codebook.ZeroCode + 1]);

    public static bool IsSupported
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Avx512Vbmi.IsSupported;
    }

    /// <inheritdoc/>
    /// <remarks>It calls nothing, so that tables stay in registers.</remarks>
    public static int EncodeWhileCertain(float* values, byte* codes, int start, int length, float inverse)
    {
        Vector512<float> factor = Vector512.Create(inverse);
        Vector512<int> steps = SectionSteps;
        Vector512<float> scales = Scales;
        Vector512<float> offsets = Offsets;
        Vector512<int> caps = Caps;
        Vector512<int> certain = Vector512.Create(DynamicEncodeTables.CertainMask);
        int i = start;
        for (; i <= length - Group; i += Group)
        {
            Vector512<float> u0 = Vector512.Load(values + i) * factor;
            Vector512<float> u1 = Vector512.Load(values + i + Lanes) * factor;
            Vector512<float> u2 = Vector512.Load(values + i + (2 * Lanes)) * factor;
            Vector512<float> u3 = Vector512.Load(values + i + (3 * Lanes)) * factor;
            Vector512<int> p0 = Place(u0, steps, scales, offsets, caps);
            Vector512<int> p1 = Place(u1, steps, scales, offsets, caps);
            Vector512<int> p2 = Place(u2, steps, scales, offsets, caps);
            Vector512<int> p3 = Place(u3, steps, scales, offsets, caps);

            // A fraction is a lane's lower 16 bits: the least one of four lanes is within the window if any is.
            Vector512<ushort> least = Vector512.Min(
                Vector512.Min(p0.AsUInt16(), p1.AsUInt16()), Vector512.Min(p2.AsUInt16(), p3.AsUInt16()));
            if (Vector512.EqualsAny(least.AsInt32() & certain, Vector512<int>.Zero))
            {
                break;
            }

            Vector512<byte> positions = PackBytes(p0, p1, p2, p3, ByteOfEachLane(2));
            Vector512<byte> result = TMap.IsSigned
                ? WithSigns(positions, u0, u1, u2, u3)
                : positions - Vector512<byte>.One;
            result.Store(codes + i);
        }

        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Place(
        Vector512<float> u,
        Vector512<int> steps,
        Vector512<float> scales,
        Vector512<float> offsets,
        Vector512<int> caps)
    {
        // Without a sign, negative numbers are integers below the smallest, and so become 0; what is above 0 has
        // code 1 at least.
        Vector512<int> smallest = Vector512.Create(DynamicEncodeTables.SmallestBits);
        Vector512<int> bits = TMap.IsSigned
            ? Avx512DQ.Range(u, smallest.AsSingle(), LargerMagnitude).AsInt32()
            : Vector512.Max(u.AsInt32(), Vector512.ConditionalSelect(
                Vector512.GreaterThan(u.AsInt32(), Vector512<int>.Zero), Vector512.Create(LeastPositive), smallest));
        Vector512<int> pair = bits >> DynamicEncodeTables.PairShift;
        Vector512<int> section =
            (bits + Avx512F.PermuteVar16x32(steps, pair)) >> DynamicEncodeTables.PairShift;
        Vector512<float> line = Vector512.FusedMultiplyAdd(
            bits.AsSingle(), Avx512F.PermuteVar16x32(scales, section), Avx512F.PermuteVar16x32(offsets, section));
        return Vector512.Min(line.AsInt32(), Avx512F.PermuteVar16x32(caps, section));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> WithSigns(
        Vector512<byte> positions, Vector512<float> u0, Vector512<float> u1, Vector512<float> u2, Vector512<float> u3)
    {
        Vector512<byte> signs = PackBytes(u0.AsInt32(), u1.AsInt32(), u2.AsInt32(), u3.AsInt32(), ByteOfEachLane(3));
        Vector512<byte> zero = Vector512.Create(ZeroCode);

        // Saturating: -1 is at the place of 128 and has code 0.
        return Vector512.ConditionalSelect(
            Vector512.LessThan(signs.AsSByte(), Vector512<sbyte>.Zero).AsByte(),
            Vector512.SubtractSaturate(zero, positions),
            zero + positions);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> PackBytes(
        Vector512<int> a, Vector512<int> b, Vector512<int> c, Vector512<int> d, Vector512<byte> index) =>
        Avx512Vbmi.PermuteVar64x8x2(a.AsByte(), index, b.AsByte()).WithUpper(
            Avx512Vbmi.PermuteVar64x8x2(c.AsByte(), index, d.AsByte()).GetLower());

    // Indices of one byte of each of 32 int32 lanes in two registers; the upper half is not used.
    private static Vector512<byte> ByteOfEachLane(byte ofLane) =>
        Vector512.CreateSequence(ofLane, (byte)sizeof(int));

    // The lines, for indices of 4 bits.
    private static Vector512<T> Twice<T>(T[] lines) =>
        Vector512.Create(Vector256.Create(lines), Vector256.Create(lines));
}
