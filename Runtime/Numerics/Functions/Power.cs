using System.Runtime.CompilerServices;

namespace Requant.Numerics.Functions;

/// <summary>x to the power of y: 2 to the power of y times log2 x, with about 40 bits of the logarithm.</summary>
internal static class Power
{
    /// <summary>The smallest distance of a logarithm from 0 is 2^-24: an exponent beyond 2^40 over- or underflows all
    /// the same, and its products stay finite.</summary>
    private const float MostExponent = 1.09951163e12f;

    /// <summary>Powers of two beyond these are zero or infinite.</summary>
    private const float Least = -160f;

    private const float Most = 136f;

    public static T Pow<T>(T x, T y) where T : struct, IFloatLanes<T>
    {
        T zero = T.Of(0f);
        T one = T.Of(1f);
        T infinity = T.Of(float.PositiveInfinity);
        T magnitude = Lane.Abs(x);
        T limit = T.Of(MostExponent);
        T limited = T.IfLess(Lane.Abs(y), limit, y, Lane.CopySign(limit, y));
        T result = OfTwo(Pair.Scale(limited, Log2(magnitude)));
        result = T.IfEqual(magnitude, zero, T.IfLess(y, zero, infinity, zero), result);
        result = T.IfEqual(magnitude, infinity, T.IfLess(y, zero, zero, infinity), result);

        T half = T.Of(0.5f) * y;
        T whole = Rounding.Round(y);
        T oddSign = T.IfEqual(Rounding.Round(half), half, zero, Lane.Sign(x));
        result ^= T.IfEqual(whole, y, oddSign, zero);
        T ofNegative = T.IfEqual(whole, y, result, T.IfEqual(magnitude, infinity, result, T.Of(float.NaN)));
        result = T.IfLess(x, zero, ofNegative, result);

        result = T.IfEqual(x, x, T.IfEqual(y, y, result, y), x);
        return T.IfEqual(x, one, one, T.IfEqual(y, zero, one, result));
    }

    /// <summary>The cube root, of negative values too.</summary>
    public static T Cbrt<T>(T x) where T : struct, IFloatLanes<T>
    {
        T magnitude = Lane.Abs(x);
        var third = new Pair<T>(T.Of(0.33333334f), T.Of(-9.934108e-9f));
        T root = Lane.CopySign(OfTwo(Pair.Multiply(third, Log2(magnitude))), x);
        return T.IfEqual(x, T.Of(0f), x, T.IfLess(magnitude, T.Of(float.PositiveInfinity), root, x));
    }

    /// <summary>2 to the power.</summary>
    private static T OfTwo<T>(Pair<T> power) where T : struct, IFloatLanes<T>
    {
        T high = Lane.Limit(power.High, Least, Most);
        T low = T.IfEqual(high, power.High, power.Low, T.Of(0f));
        (T exponent, T exponentBits) = Lane.Nearest(high);
        var ln2 = new Pair<T>(T.Of(0.6931472f), T.Of(-1.9046542e-9f));
        Pair<T> result = Exponential.OfFraction(Pair.Multiply(Pair.OrderedSum(high - exponent, low), ln2));
        return Exponential.Scale(result.High + result.Low, exponentBits);
    }

    /// <summary>log2 of a positive finite value, to about 2^-40: with 1 + f its significand, s = f / (2 + f) and w =
    /// s^2, the logarithm of 1 + f is 2 s (1 + w / 3 + w^2 / 5 + ...).</summary>
    private static Pair<T> Log2<T>(T x) where T : struct, IFloatLanes<T>
    {
        (T exponent, T f) = Logarithm.Split(x);
        Pair<T> s = Quotient(f);
        Pair<T> w = Pair.Multiply(s, s);

        // Minimax for (artanh(s) / s - 1 - w / 3) / w^2, error 2^-43 of the logarithm.
        T series = T.Of(9.778493e-2f);
        series = (series * w.High) + T.Of(1.108986e-1f);
        series = (series * w.High) + T.Of(1.4285986e-1f);
        series = (series * w.High) + T.Of(2e-1f);
        Pair<T> slope = Pair.OrderedSum(T.Of(0.33333334f), series * w.High);
        Pair<T> bend = Pair.Multiply(w, new Pair<T>(slope.High, slope.Low + T.Of(-9.934108e-9f)));
        Pair<T> factor = Pair.OrderedSum(T.Of(1f), bend.High);
        Pair<T> natural = Pair.Multiply(s, new Pair<T>(factor.High, factor.Low + bend.Low));
        Pair<T> fraction = Pair.Multiply(natural, new Pair<T>(T.Of(2.88539f), T.Of(3.851926e-8f)));
        Pair<T> sum = Pair.OrderedSum(exponent, fraction.High);
        return new Pair<T>(sum.High, sum.Low + fraction.Low);
    }

    /// <summary>f / (2 + f).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Pair<T> Quotient<T>(T f) where T : struct, IFloatLanes<T>
    {
        Pair<T> divisor = Pair.OrderedSum(T.Of(2f), f);
        T reciprocal = T.Of(1f) / divisor.High;
        T quotient = f * reciprocal;
        Pair<T> product = Pair.Product(quotient, divisor.High);
        T rest = ((f - product.High) - product.Low) - (quotient * divisor.Low);
        return new Pair<T>(quotient, rest * reciprocal);
    }
}
