using System.Runtime.CompilerServices;

namespace Requant.Numerics.Functions;

/// <summary>Logarithms to the bases e, 2 and 10.</summary>
internal static class Logarithm
{
    private const int SignificandBits = 23;

    /// <summary>The float below the square root of 1/2.</summary>
    private const uint RootOfHalf = 0x3f3504f3;

    private const float LeastNormal = 1.17549435e-38f;

    /// <summary>2^24, which makes denormal values normal.</summary>
    private const float Lift = 16777216f;

    private const float LiftExponent = 24f;

    public static T Log<T>(T x) where T : struct, IFloatLanes<T>
    {
        (T exponent, T fraction) = Split(x);
        return Special(x, Combine(exponent, 0.693145752f, 1.42860677e-6f, new Pair<T>(fraction, Curvature(fraction))));
    }

    public static T Log2<T>(T x) where T : struct, IFloatLanes<T>
    {
        (T exponent, T fraction) = Split(x);
        return Special(x, Combine(exponent, 1f, 0f, ToBase(fraction, 1.442695f, 1.92596303e-8f)));
    }

    public static T Log10<T>(T x) where T : struct, IFloatLanes<T>
    {
        (T exponent, T fraction) = Split(x);
        return Special(x, Combine(exponent, 0.30103302f, -3.02435546e-6f, ToBase(fraction, 0.4342945f, -1.010305e-8f)));
    }

    /// <summary>x as 2^exponent times (1 + fraction), the latter from the square root of 1/2 to that of 2. For every x,
    /// even one without a logarithm, both are finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (T Exponent, T Fraction) Split<T>(T x) where T : struct, IFloatLanes<T>
    {
        T least = T.Of(LeastNormal);
        T normal = T.IfLess(x, least, x * T.Of(Lift), x);
        T exponent = T.SubtractBits(normal, T.OfBits(RootOfHalf)) >> SignificandBits;
        T significand = T.SubtractBits(normal, exponent << SignificandBits);
        T lifted = T.IfLess(x, least, T.Of(LiftExponent), T.Of(0f));
        return (T.FromInteger(exponent) - lifted, significand - T.Of(1f));
    }

    /// <summary>ln(1 + f) - f.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Curvature<T>(T f) where T : struct, IFloatLanes<T>
    {
        // Minimax for (ln(1 + f) - f + f^2 / 2) / f^3, error 2^-30 of the logarithm.
        T series = T.Of(6.749449e-2f);
        series = (series * f) + T.Of(-1.1670144e-1f);
        series = (series * f) + T.Of(1.1883479e-1f);
        series = (series * f) + T.Of(-1.2406212e-1f);
        series = (series * f) + T.Of(1.4220363e-1f);
        series = (series * f) + T.Of(-1.666799e-1f);
        series = (series * f) + T.Of(2.0002072e-1f);
        series = (series * f) + T.Of(-2.500001e-1f);
        series = (series * f) + T.Of(3.3333313e-1f);
        T square = f * f;
        return (square * f * series) - (T.Of(0.5f) * square);
    }

    /// <summary>ln(1 + f) times the reciprocal, in two parts, of another base's logarithm.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Pair<T> ToBase<T>(T f, float upper, float lower) where T : struct, IFloatLanes<T>
    {
        Pair<T> product = Pair.Product(f, T.Of(upper));
        return new Pair<T>(product.High, product.Low + ((f * T.Of(lower)) + (Curvature(f) * T.Of(upper))));
    }

    /// <summary>The exponent times the logarithm of 2 in two parts, the first of which has at most 16 bits, plus that
    /// of the rest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Combine<T>(T exponent, float upper, float lower, Pair<T> rest) where T : struct, IFloatLanes<T>
    {
        Pair<T> sum = Pair.OrderedSum(exponent * T.Of(upper), rest.High);
        return sum.High + (sum.Low + (rest.Low + (exponent * T.Of(lower))));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Special<T>(T x, T result) where T : struct, IFloatLanes<T>
    {
        T zero = T.Of(0f);
        T infinity = T.Of(float.PositiveInfinity);
        T notPositive = T.IfEqual(x, zero, T.Of(float.NegativeInfinity), T.IfLess(x, zero, T.Of(float.NaN), x));
        return T.IfLess(zero, x, T.IfLess(x, infinity, result, x), notPositive);
    }
}
