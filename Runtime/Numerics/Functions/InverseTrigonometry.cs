using System.Runtime.CompilerServices;

namespace Requant.Numerics.Functions;

/// <summary>Angles in radians of sines, and of points.</summary>
internal static class InverseTrigonometry
{
    /// <summary>Half of pi is this and <see cref="HalfPiLow"/>, as the other angles are two floats.</summary>
    private const float HalfPi = 1.57079637f;

    private const float HalfPiLow = -4.37113883e-8f;

    /// <summary>The tangent of an eighth of pi: above it, the angle's distance from a quarter of pi is the
    /// smaller one.</summary>
    private const float TanOfEighth = 0.41421357f;

    /// <summary>2^-26.</summary>
    private const float SmallRatio = 1.4901161e-8f;

    public static T Asin<T>(T x) where T : struct, IFloatLanes<T>
    {
        T magnitude = Lane.Abs(x);
        T one = T.Of(1f);
        T result = T.IfLess(magnitude, T.Of(0.5f), AsinOfSmall(magnitude), AsinOfLarge(magnitude));
        result = T.IfLess(one, magnitude, T.Of(float.NaN), Lane.CopySign(result, x));
        return T.IfEqual(x, x, result, x);
    }

    public static T Atan2<T>(T y, T x) where T : struct, IFloatLanes<T>
    {
        (T height, T width) = (Lane.Abs(y), Lane.Abs(x));
        T isSteep = T.IfLess(width, height, T.Of(1f), T.Of(0f));
        (T smaller, T larger) = Scaled(
            T.IfLess(width, height, width, height), T.IfLess(width, height, height, width));

        // The ratio's angle, or its distance from a quarter of pi.
        T limit = T.Of(TanOfEighth) * larger;
        T isBeyond = T.IfLess(limit, smaller, T.Of(1f), T.Of(0f));
        Pair<T> difference = Pair.Sum(smaller, T.Of(0f) - larger);
        Pair<T> sum = Pair.OrderedSum(larger, smaller);
        Pair<T> numerator = Choose(limit, smaller, difference, new Pair<T>(smaller, T.Of(0f)));
        Pair<T> denominator = Choose(limit, smaller, sum, new Pair<T>(larger, T.Of(0f)));
        Pair<T> angle = AtanOf(numerator, denominator);

        // From the nearer axis, then from the other one, then from behind.
        T isLeft = T.IfLess(Lane.Sign(x) | T.Of(1f), T.Of(0f), T.Of(1f), T.Of(0f));
        T isTurned = T.IfEqual(isSteep, isLeft, T.Of(0f), T.Of(1f));
        Pair<T> origin = OriginOf(isSteep, isLeft, isBeyond);
        T flip = T.IfEqual(isTurned, T.Of(1f), T.OfBits(0x80000000), T.OfBits(0));
        Pair<T> total = Pair.OrderedSum(origin.High, angle.High ^ flip);
        T result = total.High + (total.Low + (origin.Low + (angle.Low ^ flip)));
        result = Lane.CopySign(result, y);
        return T.IfEqual(x, x, T.IfEqual(y, y, result, y), x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T AsinOfSmall<T>(T x) where T : struct, IFloatLanes<T>
    {
        T square = x * x;
        return x + (x * square * AsinSeries(square));
    }

    /// <summary>A quarter turn less twice the angle of sqrt((1 - x) / 2), whose rounding is made up for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T AsinOfLarge<T>(T x) where T : struct, IFloatLanes<T>
    {
        T square = (T.Of(1f) - x) * T.Of(0.5f);
        T root = T.Sqrt(square);
        Pair<T> product = Pair.Product(root, root);
        T rest = ((square - product.High) - product.Low) / (root + root);
        rest = T.IfEqual(square, T.Of(0f), T.Of(0f), rest);
        T low = rest + (root * square * AsinSeries(square));
        Pair<T> sum = Pair.OrderedSum(T.Of(HalfPi), T.Of(-2f) * root);
        return sum.High + (sum.Low + (T.Of(HalfPiLow) - (low + low)));
    }

    /// <summary>(asin(x) / x - 1) / x^2 up to x = 1/2, error 2^-29 of the result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T AsinSeries<T>(T square) where T : struct, IFloatLanes<T>
    {
        T series = T.Of(0.03097454f);
        series = (series * square) + T.Of(0.010574415f);
        series = (series * square) + T.Of(0.023611818f);
        series = (series * square) + T.Of(0.030269139f);
        series = (series * square) + T.Of(0.044647664f);
        series = (series * square) + T.Of(0.07499992f);
        return (series * square) + T.Of(0.16666667f);
    }

    /// <summary>The angle of a ratio of at most <see cref="TanOfEighth"/> in magnitude.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Pair<T> AtanOf<T>(Pair<T> numerator, Pair<T> denominator) where T : struct, IFloatLanes<T>
    {
        T ratio = numerator.High / denominator.High;
        Pair<T> product = Pair.Product(ratio, denominator.High);
        T rest = ((numerator.High - product.High) - product.Low) + (numerator.Low - (ratio * denominator.Low));
        rest /= denominator.High;

        // (atan(x) / x - 1) / x^2, error 2^-29 of the result.
        T square = ratio * ratio;
        T series = T.Of(0.050479375f);
        series = (series * square) + T.Of(-0.086245984f);
        series = (series * square) + T.Of(0.11071355f);
        series = (series * square) + T.Of(-0.1428415f);
        series = (series * square) + T.Of(0.19999978f);
        series = (series * square) + T.Of(-0.33333334f);
        T low = (ratio * square * series) + (rest * (T.Of(1f) - square));

        // The angle of a small ratio is the ratio; errors of products may be denormal there.
        return new Pair<T>(ratio, T.IfLess(Lane.Abs(ratio), T.Of(SmallRatio), T.Of(0f), low));
    }

    /// <summary>Both times a power of two, so that sums do not overflow, nor errors of products underflow. Infinities
    /// are as 1 beside 0 or 1, and nothing beside nothing as 0 beside 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (T Smaller, T Larger) Scaled<T>(T smaller, T larger) where T : struct, IFloatLanes<T>
    {
        T infinity = T.Of(float.PositiveInfinity);
        T ofInfinity = T.IfEqual(smaller, infinity, T.Of(1f), T.Of(0f));
        smaller = T.IfEqual(larger, infinity, ofInfinity, smaller);
        larger = T.IfEqual(larger, infinity, T.Of(1f), T.IfEqual(larger, T.Of(0f), T.Of(1f), larger));
        T factor = T.IfLess(larger, T.Of(8.6736174e-19f), T.Of(7.9228163e28f), T.Of(1f));
        factor = T.IfLess(T.Of(8.507059e37f), larger, T.Of(0.25f), factor);
        return (smaller * factor, larger * factor);
    }

    /// <summary>The angle that another is added to or subtracted from: 0 to 4 quarters of pi.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Pair<T> OriginOf<T>(T isSteep, T isLeft, T isBeyond) where T : struct, IFloatLanes<T>
    {
        // Steep: half of pi, and a quarter to the side where it is. Flat: none or all of pi, and a quarter
        // away from it.
        T side = isLeft + isLeft;
        T quarters = T.IfEqual(
            isSteep, T.Of(1f), T.Of(2f) + (isBeyond * (side - T.Of(1f))),
            (side + side) + (isBeyond * (T.Of(1f) - side)));
        T low = quarters * T.Of(HalfPiLow / 2);
        T three = T.IfEqual(quarters, T.Of(3f), T.Of(ThreeQuarterPi), quarters * T.Of(HalfPi / 2));
        return new Pair<T>(three, T.IfEqual(quarters, T.Of(3f), T.Of(ThreeQuarterPiLow), low));
    }

    private const float ThreeQuarterPi = 2.3561945f;

    private const float ThreeQuarterPiLow = -5.96244032e-9f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Pair<T> Choose<T>(T x, T y, Pair<T> then, Pair<T> otherwise) where T : struct, IFloatLanes<T> =>
        new(T.IfLess(x, y, then.High, otherwise.High), T.IfLess(x, y, then.Low, otherwise.Low));
}
