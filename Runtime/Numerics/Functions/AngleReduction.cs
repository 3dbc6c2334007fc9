namespace Requant.Numerics.Functions;

/// <summary>Angles of any size, one at a time, in integers: M. H. Payne and R. N. Hanek, Radian reduction for
/// trigonometric functions, 1983.</summary>
internal static class AngleReduction
{
    private const int SignificandBits = 23;

    private const uint SignificandMask = 0x7fffff;

    private const uint LeadingBit = 0x800000;

    /// <summary>Exponent of a float's lowest bit, as stored.</summary>
    private const int LowestBitBias = 150;

    /// <summary>Of 2 / pi's bits, those from this place on matter: before it, they make whole turns.</summary>
    private const int FirstBit = 30;

    private const int FractionBits = 62;

    /// <summary>The sine of x plus some quarter turns.</summary>
    /// <param name="x">At least 2^18, finite.</param>
    /// <param name="shift">Quarter turns to add.</param>
    public static ScalarLanes Sin(float x, uint shift)
    {
        ulong turns = QuarterTurns((uint)BitConverter.SingleToInt32Bits(x));
        ulong nearest = (turns + (1UL << (FractionBits - 1))) >> FractionBits;
        long fraction = (long)(turns - (nearest << FractionBits));

        // Pi / 2 times 2^-62, the unit of the fraction.
        var unit = new Pair<ScalarLanes>(new(3.4061217e-19f), new(-9.478396e-27f));
        float high = fraction;
        float low = fraction - (long)high;
        Pair<ScalarLanes> angle = Pair.Multiply(new Pair<ScalarLanes>(new(high), new(low)), unit);
        return Trigonometry.OfQuadrant(angle, ScalarLanes.OfBits((uint)nearest + shift));
    }

    /// <summary>A positive float times 2 / pi, modulo 4, in units of 2^-62.</summary>
    private static ulong QuarterTurns(uint bits)
    {
        int exponent = (int)((bits >> SignificandBits) & 0xff) - LowestBitBias;
        uint significand = (bits & SignificandMask) | LeadingBit;
        int word = (exponent + FirstBit) >> 5;
        int bit = (exponent + FirstBit) & 31;
        uint second = TwoOverPi(word + 1);
        uint third = TwoOverPi(word + 2);
        ulong low = (ulong)significand * Window(third, TwoOverPi(word + 3), bit);
        ulong middle = ((ulong)significand * Window(second, third, bit)) + (low >> 32);
        ulong high = ((ulong)significand * Window(TwoOverPi(word), second, bit)) + (middle >> 32);
        return (high << 32) | (uint)middle;
    }

    /// <summary>32 bits of two words, from one bit of the first on.</summary>
    private static uint Window(uint first, uint second, int bit) =>
        (uint)(((((ulong)first << 32) | second) << bit) >> 32);

    /// <summary>A zero word, then 2 / pi as a binary fraction. One choice after another: devices select without a
    /// branch, and have no static arrays.</summary>
    private static uint TwoOverPi(int word)
    {
        uint bits = word == 1 ? 0xa2f9836e : 0;
        bits = word == 2 ? 0x4e441529 : bits;
        bits = word == 3 ? 0xfc2757d1 : bits;
        bits = word == 4 ? 0xf534ddc0 : bits;
        bits = word == 5 ? 0xdb629599 : bits;
        bits = word == 6 ? 0x3c439041 : bits;
        return word == 7 ? 0xfe5163ab : bits;
    }
}
