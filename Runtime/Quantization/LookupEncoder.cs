using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Requant.Quantization;

/// <summary>Encodes blocks with a dynamic map by one read of a <see cref="LookupTable"/> for each element, which leaves
/// nothing uncertain. Reads go one by one: on Zen 5 a gather takes longer.</summary>
internal static unsafe class LookupEncoder<TMap>
    where TMap : struct, IDynamicMap<TMap>
{
    // With a sign, the code of a negative number is this less that of its magnitude. -1 has no code and takes that of its
    // neighbour, 0.
    private const byte Mirror = 2 * 127;

    private static readonly LookupTable Table = new(TMap.Codebook, TMap.CellShift);

    /// <summary>16 elements at a time, then one.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Encode128(float* values, byte* codes, int length, float inverse)
    {
        uint* entries = Table.Entries;
        Vector128<int> smallest = Vector128.Create(Table.Smallest);
        Vector128<int> largest = Vector128.Create(Table.Largest);
        Vector128<float> factor = Vector128.Create(inverse);
        float* end = values + length;
        for (; values <= end - 16; values += 16, codes += 16)
        {
            Vector128<int> code0 = Codes(Vector128.Load(values) * factor, entries, smallest, largest);
            Vector128<int> code1 = Codes(Vector128.Load(values + 4) * factor, entries, smallest, largest);
            Vector128<int> code2 = Codes(Vector128.Load(values + 8) * factor, entries, smallest, largest);
            Vector128<int> code3 = Codes(Vector128.Load(values + 12) * factor, entries, smallest, largest);
            Vector128<byte> result = Vector128.NarrowWithSaturation(
                Vector128.NarrowWithSaturation(code0, code1).AsUInt16(),
                Vector128.NarrowWithSaturation(code2, code3).AsUInt16());
            if (TMap.IsSigned)
            {
                Vector128<byte> mirrored = Vector128.SubtractSaturate(Vector128.Create(Mirror), result);
                result = Vector128.ConditionalSelect(AreNegative(values), mirrored, result);
            }

            result.Store(codes);
        }

        for (; values < end; values++, codes++)
        {
            *codes = Code(*values * inverse);
        }
    }

    /// <summary>32 elements at a time, then 16, then one.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Encode256(float* values, byte* codes, int length, float inverse)
    {
        uint* entries = Table.Entries;
        Vector256<int> smallest = Vector256.Create(Table.Smallest);
        Vector256<int> largest = Vector256.Create(Table.Largest);
        Vector256<float> factor = Vector256.Create(inverse);
        float* end = values + length;
        for (; Avx2.IsSupported && values <= end - 32; values += 32, codes += 32)
        {
            Vector256<int> code0 = Codes(Vector256.Load(values) * factor, entries, smallest, largest);
            Vector256<int> code1 = Codes(Vector256.Load(values + 8) * factor, entries, smallest, largest);
            Vector256<int> code2 = Codes(Vector256.Load(values + 16) * factor, entries, smallest, largest);
            Vector256<int> code3 = Codes(Vector256.Load(values + 24) * factor, entries, smallest, largest);
            Vector256<byte> result = Avx2.PackUnsignedSaturate(
                Avx2.PackSignedSaturate(code0, code1), Avx2.PackSignedSaturate(code2, code3));
            if (TMap.IsSigned)
            {
                Vector256<byte> mirrored = Vector256.SubtractSaturate(Vector256.Create(Mirror), result);
                result = Vector256.ConditionalSelect(AreNegativeInPackedOrder(values), mirrored, result);
            }

            // Packing works on the two halves apart and leaves every fourth code of each next to each other.
            Avx2.PermuteVar8x32(result.AsInt32(), Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)).AsByte().Store(codes);
        }

        Encode128(values, codes, (int)(end - values), inverse);
    }

    // Without a sign, negative numbers are integers below the smallest, and so have the code of 0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte Code(float u)
    {
        int bits = BitConverter.SingleToInt32Bits(u);
        int magnitude = Math.Clamp(TMap.IsSigned ? bits & int.MaxValue : bits, Table.Smallest, Table.Largest);
        int code = ((int)Table.Entries[magnitude >> TMap.CellShift] + magnitude) >> TMap.CellShift;
        return (byte)(TMap.IsSigned && bits < 0 ? Math.Max(Mirror - code, 0) : code);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Codes(
        Vector128<float> u, uint* entries, Vector128<int> smallest, Vector128<int> largest)
    {
        Vector128<int> bits = TMap.IsSigned ? u.AsInt32() & Vector128.Create(int.MaxValue) : u.AsInt32();
        bits = Vector128.Min(Vector128.Max(bits, smallest), largest);
        return (Read(entries, bits >>> TMap.CellShift) + bits) >>> TMap.CellShift;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Codes(
        Vector256<float> u, uint* entries, Vector256<int> smallest, Vector256<int> largest)
    {
        Vector256<int> bits = TMap.IsSigned ? u.AsInt32() & Vector256.Create(int.MaxValue) : u.AsInt32();
        bits = Vector256.Min(Vector256.Max(bits, smallest), largest);
        Vector256<int> cells = bits >>> TMap.CellShift;
        Vector256<int> found = Vector256.Create(Read(entries, cells.GetLower()), Read(entries, cells.GetUpper()));
        return (found + bits) >>> TMap.CellShift;
    }

    // Two cells leave a vector at a time. As float32, entries are loaded and put in place by one instruction.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Read(uint* entries, Vector128<int> cells)
    {
        var table = (float*)entries;
        ulong first = cells.AsUInt64().ToScalar();
        ulong second = cells.AsUInt64().GetElement(1);
        return Vector128.Create(
            table[(nuint)(uint)first],
            table[(nuint)(first >> 32)],
            table[(nuint)(uint)second],
            table[(nuint)(second >> 32)]).AsInt32();
    }

    // Saturation keeps the sign bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> AreNegative(float* values)
    {
        var bits = (int*)values;
        Vector128<sbyte> signs = Vector128.NarrowWithSaturation(
            Vector128.NarrowWithSaturation(Vector128.Load(bits), Vector128.Load(bits + 4)),
            Vector128.NarrowWithSaturation(Vector128.Load(bits + 8), Vector128.Load(bits + 12)));
        return Vector128.LessThan(signs, Vector128<sbyte>.Zero).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> AreNegativeInPackedOrder(float* values)
    {
        var bits = (int*)values;
        Vector256<sbyte> signs = Avx2.PackSignedSaturate(
            Avx2.PackSignedSaturate(Vector256.Load(bits), Vector256.Load(bits + 8)),
            Avx2.PackSignedSaturate(Vector256.Load(bits + 16), Vector256.Load(bits + 24)));
        return Vector256.LessThan(signs, Vector256<sbyte>.Zero).AsByte();
    }
}
