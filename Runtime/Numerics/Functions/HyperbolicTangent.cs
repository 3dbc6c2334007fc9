namespace Requant.Numerics.Functions;

/// <summary>The hyperbolic tangent.</summary>
internal static class HyperbolicTangent
{
    /// <summary>Up to here a series, above it 1 - 2 / (e^2x + 1).</summary>
    private const float EndOfSeries = 0.625f;

    /// <summary>From here on the result is 1.</summary>
    private const float One = 10f;

    private const float Log2OfE = 1.442695f;

    public static T Tanh<T>(T x) where T : struct, IFloatLanes<T>
    {
        T magnitude = Lane.Abs(x);
        T result = T.IfLess(magnitude, T.Of(EndOfSeries), OfSmall(magnitude), OfLarge(magnitude));
        return T.IfEqual(x, x, Lane.CopySign(result, x), x);
    }

    private static T OfSmall<T>(T x) where T : struct, IFloatLanes<T>
    {
        // Minimax for (tanh(x) / x - 1) / x^2, error 2^-32 of the result.
        T square = x * x;
        T series = T.Of(2.1576139e-3f);
        series = (series * square) + T.Of(-8.195073e-3f);
        series = (series * square) + T.Of(2.1708747e-2f);
        series = (series * square) + T.Of(-5.3948462e-2f);
        series = (series * square) + T.Of(1.3333222e-1f);
        series = (series * square) + T.Of(-3.333333e-1f);
        return x + (x * square * series);
    }

    private static T OfLarge<T>(T x) where T : struct, IFloatLanes<T>
    {
        T limited = T.IfLess(x, T.Of(One), x, T.Of(One));
        T twice = limited + limited;
        (T exponent, T exponentBits) = Lane.Nearest(twice * T.Of(Log2OfE));
        Pair<T> power = Exponential.OfFraction(Exponential.Reduce(twice, exponent));
        T one = T.Of(1f);
        return one - (T.Of(2f) / (((power.High + power.Low) * Exponential.PowerOfTwo(exponentBits)) + one));
    }
}
