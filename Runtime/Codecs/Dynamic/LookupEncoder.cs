using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Requant.Codecs.Blocks;

namespace Requant.Codecs.Dynamic;

/// <summary>Encodes blocks with a dynamic map by one read of a <see cref="LookupTable"/> for each element, which leaves
/// nothing uncertain: with vectors of 4, and what wider ones leave over. Reads go one by one: on Zen 5 a gather takes
/// longer.</summary>
internal static unsafe class LookupEncoder<TMap>
    where TMap : struct, IDynamicMap<TMap>
{
    // With a sign, the code of a negative number is this less that of its magnitude, and 0 for -1.
    private const byte Mirror = 2 * 127;

    private static readonly LookupTable Table = new(Codebook.Table(TMap.Codec), TMap.CellShift);

    /// <summary>16 elements at a time, then one.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Encode(float* values, byte* codes, int length, float inverse)
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

    // Without a sign, negative numbers are integers below the smallest, and so have the code of 0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte Code(float u)
    {
        int bits = BitConverter.SingleToInt32Bits(u);
        int magnitude = Math.Clamp(TMap.IsSigned ? bits & int.MaxValue : bits, Table.Smallest, Table.Largest);
        int code = ((int)Table.Entries[magnitude >> TMap.CellShift] + magnitude) >> TMap.CellShift;
        return (byte)(TMap.IsSigned
            ? bits < 0 ? Math.Max(Mirror - code, 0) : code
            : Math.Max(code, Math.Min(bits, 1)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Codes(
        Vector128<float> u, uint* entries, Vector128<int> smallest, Vector128<int> largest)
    {
        Vector128<int> bits = TMap.IsSigned ? u.AsInt32() & Vector128.Create(int.MaxValue) : u.AsInt32();
        bits = Vector128.Min(Vector128.Max(bits, smallest), largest);
        Vector128<int> codes = (Read(entries, bits >>> TMap.CellShift) + bits) >>> TMap.CellShift;

        // Without a sign, what is above 0 has code 1 at least.
        return TMap.IsSigned ? codes : Vector128.Max(codes, Vector128.Min(u.AsInt32(), Vector128<int>.One));
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
}
