using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Requant.Codecs.Blocks;

/// <summary>Decodes blocks: <c>value[code] * absmax</c> for uint8[length] to float32[length].</summary>
internal static unsafe class BlockDecoder<TMap>
    where TMap : struct, ICodebookMap
{
    private const int Group = 64;

    // The codebook's values, float32[256], at an address that never changes.
    private static readonly float* Values = FixedTable.Copy(TMap.Codebook.Values);

    // The same, the lowest byte of all values first: uint8[4, 256].
    private static readonly byte* Planes = FixedTable.CopyBytePlanes(TMap.Codebook.Values);

    /// <summary>One value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Decode(byte code, float absmax) => Values[code] * absmax;

    /// <summary>Looks codes up one by one, four of them read at a time. A gather takes longer on Zen 5, and far longer
    /// on Intel processors that guard against CVE-2022-40982.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Decode(byte* codes, float* values, int length, float absmax)
    {
        float* table = Values;
        Vector128<float> scale = Vector128.Create(absmax);
        byte* end = codes + length;
        for (; codes <= end - 8; codes += 8, values += 8)
        {
            (Four(table, codes) * scale).Store(values);
            (Four(table, codes + 4) * scale).Store(values + 4);
        }

        for (; codes < end; codes++, values++)
        {
            *values = table[*codes] * absmax;
        }
    }

    /// <summary>Looks 64 codes up at a time, each of a value's bytes in a table of its own.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Decode512(byte* codes, float* values, int length, float absmax)
    {
        int i = 0;
        if (Avx512Vbmi.IsSupported)
        {
            byte* planes = Planes;
            var plane0 = new Plane(planes);
            var plane1 = new Plane(planes + Codebook.MaxValues);
            var plane2 = new Plane(planes + (2 * Codebook.MaxValues));
            var plane3 = new Plane(planes + (3 * Codebook.MaxValues));
            Vector512<float> scale = Vector512.Create(absmax);

            // Interleaving works on quarters of vectors; this order of codes makes its results consecutive.
            var order = Vector512.Create(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
            for (; i <= length - Group; i += Group)
            {
                Vector512<byte> group = Avx512F.PermuteVar16x32(Vector512.Load(codes + i).AsInt32(), order).AsByte();
                Vector512<byte> isUpper = Vector512.LessThan(group.AsSByte(), Vector512<sbyte>.Zero).AsByte();
                Vector512<byte> byte0 = plane0.Lookup(group, isUpper);
                Vector512<byte> byte1 = plane1.Lookup(group, isUpper);
                Vector512<byte> byte2 = plane2.Lookup(group, isUpper);
                Vector512<byte> byte3 = plane3.Lookup(group, isUpper);
                Vector512<short> low = Avx512BW.UnpackLow(byte0, byte1).AsInt16();
                Vector512<short> high = Avx512BW.UnpackLow(byte2, byte3).AsInt16();
                (Avx512BW.UnpackLow(low, high).AsSingle() * scale).Store(values + i);
                (Avx512BW.UnpackHigh(low, high).AsSingle() * scale).Store(values + i + 16);
                low = Avx512BW.UnpackHigh(byte0, byte1).AsInt16();
                high = Avx512BW.UnpackHigh(byte2, byte3).AsInt16();
                (Avx512BW.UnpackLow(low, high).AsSingle() * scale).Store(values + i + 32);
                (Avx512BW.UnpackHigh(low, high).AsSingle() * scale).Store(values + i + 48);
            }
        }

        if (i < length)
        {
            Decode(codes + i, values + i, length - i, absmax);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Four(float* table, byte* codes)
    {
        uint four = BinaryPrimitives.ReadUInt32LittleEndian(new ReadOnlySpan<byte>(codes, sizeof(uint)));
        return Vector128.Create(
            table[(nuint)(byte)four],
            table[(nuint)(byte)(four >> 8)],
            table[(nuint)(byte)(four >> 16)],
            table[(nuint)(four >> 24)]);
    }

    /// <summary>uint8[256] in registers.</summary>
    private readonly struct Plane(byte* table)
    {
        private readonly Vector512<byte> _first = Vector512.Load(table);
        private readonly Vector512<byte> _second = Vector512.Load(table + 64);
        private readonly Vector512<byte> _third = Vector512.Load(table + 128);
        private readonly Vector512<byte> _fourth = Vector512.Load(table + 192);

        /// <summary>Each code's entry.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector512<byte> Lookup(Vector512<byte> codes, Vector512<byte> isUpper) => Vector512.ConditionalSelect(
            isUpper,
            Avx512Vbmi.PermuteVar64x8x2(_third, codes, _fourth),
            Avx512Vbmi.PermuteVar64x8x2(_first, codes, _second));
    }
}
