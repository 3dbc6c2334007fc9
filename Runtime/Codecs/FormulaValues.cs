namespace Requant.Codecs;

/// <summary>The values of the codecs that have a formula, in increasing order.</summary>
/// <remarks>Each value is a quotient of two numbers that float32 holds exactly, so that its one division gives the
/// formula's real value, rounded to float32 once: the same bits wherever it is computed.</remarks>
internal static class FormulaValues
{
    /// <summary>Values above zero of a map of 255 with a sign; 0 has this code.</summary>
    public const int SignedSteps = 127;

    /// <summary>Values above zero of a map of 256 without a sign.</summary>
    public const int UnsignedSteps = 255;

    /// <summary>The largest finite value of e4m3, 2^8 * 1.75.</summary>
    public const float LargestE4M3 = 448f;

    /// <summary>The finite magnitudes of e4m3, 0 included.</summary>
    public const int MagnitudesE4M3 = 127;

    private const int MantissaBitsE4M3 = 3;
    private const int BiasE4M3 = 7;

    /// <summary>(k - 127) / 127: float32[255].</summary>
    public static float[] Linear() => Mirror(SignedSteps, m => (float)m / SignedSteps);

    /// <summary>k / 255: float32[256].</summary>
    public static float[] LinearUnsigned() =>
        [.. Enumerable.Range(0, UnsignedSteps + 1).Select(k => (float)k / UnsignedSteps)];

    /// <summary>y / (2 - |y|) of y = (k - 127) / 127, which is m / (254 - m) of m = |k - 127|: float32[255].</summary>
    public static float[] SoftSign() => Mirror(SignedSteps, m => (float)m / ((2 * SignedSteps) - m));

    /// <summary>(k / 255)^2, which is k^2 / 65025: float32[256].</summary>
    public static float[] SquareRoot() =>
        [.. Enumerable.Range(0, UnsignedSteps + 1).Select(k => (float)(k * k) / (UnsignedSteps * UnsignedSteps))];

    /// <summary>The finite values of e4m3 over 448, without -0: float32[253].</summary>
    public static float[] Float8E4M3() => Mirror(MagnitudesE4M3 - 1, m => ValueE4M3(m) / LargestE4M3);

    // Magnitude m has the bits of m, four for the exponent and three for the mantissa.
    private static float ValueE4M3(int magnitude)
    {
        int exponent = magnitude >> MantissaBitsE4M3;
        int mantissa = magnitude & ((1 << MantissaBitsE4M3) - 1);
        int significand = exponent == 0 ? mantissa : mantissa + (1 << MantissaBitsE4M3);
        return MathF.ScaleB(significand, Math.Max(exponent, 1) - BiasE4M3 - MantissaBitsE4M3);
    }

    private static float[] Mirror(int steps, Func<int, float> magnitude)
    {
        var values = new float[(2 * steps) + 1];
        for (int m = 1; m <= steps; m++)
        {
            values[steps + m] = magnitude(m);
            values[steps - m] = -magnitude(m);
        }

        return values;
    }
}
