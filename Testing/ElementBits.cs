using System.Globalization;
using System.Runtime.InteropServices;

namespace Requant.Testing;

/// <summary>Size, equality and text of the elements of a snapshot: the one place that knows their kinds.</summary>
internal static class ElementBits
{
    public static int SizeOf(ElementKind kind) => kind switch
    {
        ElementKind.Code => sizeof(byte),
        ElementKind.Float32 => sizeof(float),
        ElementKind.Count => sizeof(long),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such kind of element."),
    };

    /// <summary>The first element that differs, or -1. Both arrays have the same length.</summary>
    public static int FirstDifference(ElementKind kind, ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual)
    {
        int size = SizeOf(kind);
        for (int from = 0; from < expected.Length;)
        {
            int at = (from + expected[from..].CommonPrefixLength(actual[from..])) / size * size;
            if (at >= expected.Length)
            {
                break;
            }

            if (!(IsNaN(kind, expected[at..]) && IsNaN(kind, actual[at..])))
            {
                return at / size;
            }

            from = at + size;
        }

        return -1;
    }

    /// <summary>Bits and value, as in <c>0x3F800000 (1)</c>.</summary>
    public static string Text(ElementKind kind, ReadOnlySpan<byte> bytes, int element)
    {
        ReadOnlySpan<byte> one = bytes.Slice(element * SizeOf(kind), SizeOf(kind));
        return kind switch
        {
            ElementKind.Code => string.Create(CultureInfo.InvariantCulture, $"0x{one[0]:X2} ({one[0]})"),
            ElementKind.Float32 => string.Create(
                CultureInfo.InvariantCulture, $"0x{MemoryMarshal.Read<uint>(one):X8} ({MemoryMarshal.Read<float>(one):R})"),
            _ => string.Create(CultureInfo.InvariantCulture, $"0x{MemoryMarshal.Read<long>(one):X} ({MemoryMarshal.Read<long>(one)})"),
        };
    }

    private static bool IsNaN(ElementKind kind, ReadOnlySpan<byte> bytes) =>
        kind == ElementKind.Float32 && float.IsNaN(MemoryMarshal.Read<float>(bytes));
}
