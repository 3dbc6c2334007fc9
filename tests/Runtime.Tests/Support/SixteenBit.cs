namespace Requant.Runtime.Tests.Support;

/// <summary>The two 16-bit types by their definitions: what each pattern is worth, and where rounding turns.</summary>
internal static class SixteenBit
{
    public const int PatternCount = 1 << 16;
    private const int SignBit = 0x8000;

    public static TheoryData<ElementType> Types => [ElementType.Float16, ElementType.BFloat16];

    /// <summary>Sign, mantissa and exponent as numbers: no bit of a float32 is moved.</summary>
    public static float Value(ElementType type, int bits)
    {
        (int exponentBits, int mantissaBits) = type == ElementType.Float16 ? (5, 10) : (8, 7);
        int bias = (1 << (exponentBits - 1)) - 1;
        int mantissa = bits & ((1 << mantissaBits) - 1);
        int exponent = (bits & (SignBit - 1)) >> mantissaBits;
        double magnitude = exponent == (1 << exponentBits) - 1
            ? mantissa == 0 ? double.PositiveInfinity : double.NaN
            : exponent == 0
                ? Math.ScaleB(mantissa, 1 - bias - mantissaBits)
                : Math.ScaleB(mantissa + (1 << mantissaBits), exponent - bias - mantissaBits);
        return (float)((bits & SignBit) == 0 ? magnitude : -magnitude);
    }

    public static bool IsNaN(ElementType type, int bits) => float.IsNaN(Value(type, bits));

    /// <summary>Every value, every midpoint of two neighbours, the last before infinity among them, and the float32 on
    /// either side of each; with the patterns they round to.</summary>
    public static (float[] Singles, ushort[] Rounded) RoundingProbes(ElementType type)
    {
        var singles = new List<float>();
        var rounded = new List<ushort>();
        foreach (int sign in (int[])[0, SignBit])
        {
            int infinity = type == ElementType.Float16 ? 0x7c00 : 0x7f80;
            for (int bits = 0; bits < infinity; bits++)
            {
                float value = Value(type, bits | sign);
                float middle = (float)((value + NextDouble(type, bits, sign)) / 2);
                int even = (bits & 1) == 0 ? bits : bits + 1;
                Add(value, bits);
                Add(Toward(value, sign), bits);
                Add(Back(middle, sign), bits);
                Add(middle, even);
                Add(Toward(middle, sign), bits + 1);
            }

            Add(sign == 0 ? float.PositiveInfinity : float.NegativeInfinity, infinity);
            Add(sign == 0 ? float.MaxValue : float.MinValue, infinity);

            void Add(float single, int bits)
            {
                singles.Add(single);
                rounded.Add((ushort)(bits | sign));
            }
        }

        return ([.. singles], [.. rounded]);
    }

    /// <summary>The next value away from zero, and the power of two behind the largest.</summary>
    private static double NextDouble(ElementType type, int bits, int sign)
    {
        float next = Value(type, (bits + 1) | sign);
        double behind = Math.ScaleB(1, type == ElementType.Float16 ? 16 : 128);
        return !float.IsInfinity(next) ? next : sign == 0 ? behind : -behind;
    }

    private static float Toward(float value, int sign) =>
        sign == 0 ? float.BitIncrement(value) : float.BitDecrement(value);

    private static float Back(float value, int sign) =>
        sign == 0 ? float.BitDecrement(value) : float.BitIncrement(value);
}
