using System.Runtime.CompilerServices;

namespace Requant.Numerics.Functions;

/// <summary>The exponential function.</summary>
internal static class Exponential
{
    /// <summary>Beyond these the result is infinite or zero, whatever is computed.</summary>
    private const float Least = -110f;

    private const float Most = 90f;

    private const float Log2OfE = 1.442695f;

    /// <summary>The logarithm of 2 in two parts; the first has 9 bits, so its product with an
    /// exponent is exact.</summary>
    private const float Ln2Upper = 0.693359375f;

    private const float LessLn2Lower = 2.1219444e-4f;

    private const int SignificandBits = 23;

    private const uint ExponentBias = 127;

    public static T Exp<T>(T x) where T : struct, IFloatLanes<T>
    {
        T limited = Lane.Limit(x, Least, Most);
        (T exponent, T exponentBits) = Lane.Nearest(limited * T.Of(Log2OfE));
        Pair<T> power = OfFraction(Reduce(limited, exponent));
        return T.IfEqual(x, x, Scale(power.High + power.Low, exponentBits), x);
    }

    /// <summary>x less an integer times the logarithm of 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> Reduce<T>(T x, T exponent) where T : struct, IFloatLanes<T> =>
        Pair.OrderedSum(x - (exponent * T.Of(Ln2Upper)), exponent * T.Of(LessLn2Lower));

    /// <summary>e to the power of a number of at most 0.3466 in magnitude.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> OfFraction<T>(Pair<T> x) where T : struct, IFloatLanes<T>
    {
        // Minimax for (e^x - 1 - x) / x^2, error of the power 2^-33.
        T r = x.High;
        T series = T.Of(1.9945091e-4f);
        series = (series * r) + T.Of(1.3935108e-3f);
        series = (series * r) + T.Of(8.333207e-3f);
        series = (series * r) + T.Of(4.1666463e-2f);
        series = (series * r) + T.Of(1.6666667e-1f);
        series = (series * r) + T.Of(0.5f);
        Pair<T> linear = Pair.OrderedSum(T.Of(1f), r);
        return new Pair<T>(linear.High, linear.Low + (x.Low + (r * r * series)));
    }

    /// <summary>x times 2 to the power of an integer from -252 to 254: exact, or rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Scale<T>(T x, T exponentBits) where T : struct, IFloatLanes<T>
    {
        T half = exponentBits >> 1;
        return x * PowerOfTwo(half) * PowerOfTwo(T.SubtractBits(exponentBits, half));
    }

    /// <summary>2 to the power of an integer from -126 to 127.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T PowerOfTwo<T>(T exponentBits) where T : struct, IFloatLanes<T> =>
        T.AddBits(exponentBits, T.OfBits(ExponentBias)) << SignificandBits;
}
