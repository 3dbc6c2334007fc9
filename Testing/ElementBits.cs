using System.Globalization;
using System.Runtime.InteropServices;

namespace Requant.Testing;

/// <summary>Size, equality and text of the elements of a snapshot, and the bits of parameters and gradients: the one
/// place that knows their kinds.</summary>
internal static class ElementBits
{
    public static int SizeOf(ElementKind kind) => kind switch
    {
        ElementKind.Code => sizeof(byte),
        ElementKind.Float16 or ElementKind.BFloat16 or ElementKind.Remainder => sizeof(ushort),
        ElementKind.Float32 => sizeof(float),
        ElementKind.Count => sizeof(long),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such kind of element."),
    };

    public static int SizeOf(ElementType type) => SizeOf(KindOf(type));

    public static ElementKind KindOf(ElementType type) => type switch
    {
        ElementType.Float32 => ElementKind.Float32,
        ElementType.Float16 => ElementKind.Float16,
        ElementType.BFloat16 => ElementKind.BFloat16,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "There is no such element type."),
    };

    /// <summary>The values in a type, rounded to nearest.</summary>
    public static byte[] Round(ElementType type, ReadOnlySpan<float> values)
    {
        byte[] bytes = new byte[values.Length * SizeOf(type)];
        Span<ushort> bits = MemoryMarshal.Cast<byte, ushort>(bytes.AsSpan());
        switch (type)
        {
            case ElementType.Float32:
                MemoryMarshal.AsBytes(values).CopyTo(bytes);
                break;
            case ElementType.Float16:
                for (int i = 0; i < values.Length; i++)
                {
                    bits[i] = BitConverter.HalfToUInt16Bits((Half)values[i]);
                }

                break;
            default:
                for (int i = 0; i < values.Length; i++)
                {
                    bits[i] = BFloat16.FromSingle(values[i]).ToBits();
                }

                break;
        }

        return bytes;
    }

    /// <summary>The values of a type's elements, which float32 has all.</summary>
    public static float[] Widen(ElementType type, byte[] bytes) => type switch
    {
        ElementType.Float32 => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
        ElementType.Float16 => Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(bytes).ToArray(), value => (float)value),
        _ => Array.ConvertAll(MemoryMarshal.Cast<byte, BFloat16>(bytes).ToArray(), value => value.ToSingle()),
    };

    /// <summary>A NaN that any arithmetic would change.</summary>
    public static byte[] SignallingNaN(ElementType type) => type switch
    {
        ElementType.Float32 => BitConverter.GetBytes(0xff800123u),
        ElementType.Float16 => BitConverter.GetBytes((ushort)0xfc01),
        _ => BitConverter.GetBytes((ushort)0xff81),
    };

    /// <summary>The first element that differs, or -1; a NaN equals any other. Both arrays have the
    /// same length.</summary>
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

    /// <summary>The first element whose gradient is not finite and whose bits changed nevertheless, or -1.</summary>
    public static int FirstChange(
        ElementKind kind, ReadOnlySpan<byte> before, ReadOnlySpan<byte> after, float[] gradient)
    {
        int size = SizeOf(kind);
        for (int i = 0; i < gradient.Length; i++)
        {
            if (!float.IsFinite(gradient[i])
                && !before.Slice(i * size, size).SequenceEqual(after.Slice(i * size, size)))
            {
                return i;
            }
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
                CultureInfo.InvariantCulture, $"0x{MemoryMarshal.Read<uint>(one):X8} ({Value(kind, one):R})"),
            ElementKind.Float16 or ElementKind.BFloat16 => string.Create(
                CultureInfo.InvariantCulture, $"0x{MemoryMarshal.Read<ushort>(one):X4} ({Value(kind, one):R})"),
            ElementKind.Remainder => MemoryMarshal.Read<short>(one).ToString(CultureInfo.InvariantCulture),
            _ => string.Create(
                CultureInfo.InvariantCulture, $"0x{MemoryMarshal.Read<long>(one):X} ({MemoryMarshal.Read<long>(one)})"),
        };
    }

    private static bool IsNaN(ElementKind kind, ReadOnlySpan<byte> bytes) => float.IsNaN(Value(kind, bytes));

    /// <summary>The value of a number with a fraction; 0 for other kinds.</summary>
    private static float Value(ElementKind kind, ReadOnlySpan<byte> bytes) => kind switch
    {
        ElementKind.Float32 => MemoryMarshal.Read<float>(bytes),
        ElementKind.Float16 => (float)MemoryMarshal.Read<Half>(bytes),
        ElementKind.BFloat16 => MemoryMarshal.Read<BFloat16>(bytes).ToSingle(),
        _ => 0f,
    };
}
