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

    private static readonly DynamicEncodeTables Tables = new(TMap.Codebook, TMap.IsSigned);
    private static readonly Table16 BorderCarries = new(Vector512.Create(Tables.BorderCarries));
    private static readonly Table16 Scales = new(Vector512.Create(Tables.Scales).AsInt32());
    private static readonly Table16 Offsets = new(Vector512.Create(Tables.Offsets).AsInt32());
    private static readonly Table16 Caps = new(Vector512.Create(Tables.Caps));

    public static bool IsSupported
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Avx2.IsSupported && Fma.IsSupported;
    }

    /// <inheritdoc/>
    public static int EncodeWhileCertain(float* values, byte* codes, int start, int length, float inverse)
    {
        Vector256<float> factor = Vector256.Create(inverse);
        Table16 carries = BorderCarries;
        Table16 scales = Scales;
        Table16 offsets = Offsets;
        Table16 caps = Caps;
        Vector256<int> certain = Vector256.Create(DynamicEncodeTables.CertainMask);
        int i = start;
        for (; i <= length - Group; i += Group)
        {
            Vector256<float> u0 = Vector256.Load(values + i) * factor;
            Vector256<float> u1 = Vector256.Load(values + i + Lanes) * factor;
            Vector256<float> u2 = Vector256.Load(values + i + (2 * Lanes)) * factor;
            Vector256<float> u3 = Vector256.Load(values + i + (3 * Lanes)) * factor;
            Vector256<int> p0 = Place(u0, carries, scales, offsets, caps);
            Vector256<int> p1 = Place(u1, carries, scales, offsets, caps);
            Vector256<int> p2 = Place(u2, carries, scales, offsets, caps);
            Vector256<int> p3 = Place(u3, carries, scales, offsets, caps);

            Vector256<int> least = Vector256.Min(
                Vector256.Min(p0 & certain, p1 & certain), Vector256.Min(p2 & certain, p3 & certain));
            if (Vector256.EqualsAny(least, Vector256<int>.Zero))
            {
                break;
            }

            Vector256<byte> positions = Avx2.PackUnsignedSaturate(
                Avx2.PackUnsignedSaturate(Position(p0), Position(p1)).AsInt16(),
                Avx2.PackUnsignedSaturate(Position(p2), Position(p3)).AsInt16());
            Vector256<byte> result = TMap.IsSigned
                ? WithSigns(positions, u0.AsInt32(), u1.AsInt32(), u2.AsInt32(), u3.AsInt32())
                : positions - Vector256<byte>.One;

            // Packing works on the two halves apart and leaves every fourth code of each next to each other.
            Avx2.PermuteVar8x32(result.AsInt32(), Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)).AsByte().Store(codes + i);
        }

        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Place(
        Vector256<float> u, Table16 carries, Table16 scales, Table16 offsets, Table16 caps)
    {
        // Without a sign, negative numbers are integers below the smallest, and so become 0.
        Vector256<int> bits = TMap.IsSigned ? u.AsInt32() & Vector256.Create(int.MaxValue) : u.AsInt32();
        bits = Vector256.Max(bits, Vector256.Create(DynamicEncodeTables.SmallestBits));
        Vector256<int> pair = bits >> DynamicEncodeTables.PairShift;
        Vector256<int> entry = (bits + carries[pair]) >> DynamicEncodeTables.PairShift;
        Vector256<float> line = Fma.MultiplyAdd(
            bits.AsSingle(), scales[entry].AsSingle(), offsets[entry].AsSingle());
        return Vector256.Min(line.AsInt32(), caps[entry]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Position(Vector256<int> place) =>
        (place >> DynamicEncodeTables.FractionBits) & Vector256.Create((int)byte.MaxValue);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> WithSigns(
        Vector256<byte> positions, Vector256<int> u0, Vector256<int> u1, Vector256<int> u2, Vector256<int> u3)
    {
        // Saturation keeps the sign bits.
        Vector256<sbyte> signs = Avx2.PackSignedSaturate(
            Avx2.PackSignedSaturate(u0, u1), Avx2.PackSignedSaturate(u2, u3));
        Vector256<byte> zero = Vector256.Create(ZeroCode);

        // Saturating: -1 has no code and takes that of its neighbour, 0.
        return Vector256.ConditionalSelect(
            Vector256.LessThan(signs, Vector256<sbyte>.Zero).AsByte(),
            Vector256.SubtractSaturate(zero, positions),
            zero + positions);
    }

    private readonly struct Table16(Vector512<int> entries)
    {
        private readonly Vector256<int> _low = entries.GetLower();
        private readonly Vector256<int> _high = entries.GetUpper();

        // Each lane's entry, by the low 4 bits of its index.
        public Vector256<int> this[Vector256<int> index]
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get
            {
                if (Avx512F.VL.IsSupported)
                {
                    return Avx512F.VL.PermuteVar8x32x2(_low, index, _high);
                }

                // Bit 3 becomes the sign, which the blend goes by.
                return Avx.BlendVariable(
                    Avx2.PermuteVar8x32(_low, index).AsSingle(),
                    Avx2.PermuteVar8x32(_high, index).AsSingle(),
                    (index << 28).AsSingle()).AsInt32();
            }
        }
    }
}
