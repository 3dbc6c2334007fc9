using System.Runtime.CompilerServices;

namespace Requant.Numerics.Functions;

/// <summary>Sine, cosine and tangent of angles in radians.</summary>
internal static class Trigonometry
{
    /// <summary>From here on the product with <see cref="QuarterTurnsPerRadian"/> is too coarse to count
    /// quarter turns by.</summary>
    private const float LargeAngle = 262144f;

    private const float QuarterTurnsPerRadian = 0.63661975f;

    public static T Sin<T>(T x) where T : struct, IFloatLanes<T> =>
        Special(x, OfMagnitude<T, LargeSin>(Lane.Abs(x), 0) ^ Lane.Sign(x));

    public static T Cos<T>(T x) where T : struct, IFloatLanes<T> =>
        Special(x, OfMagnitude<T, LargeCos>(Lane.Abs(x), 1));

    public static T Tan<T>(T x) where T : struct, IFloatLanes<T>
    {
        T magnitude = Lane.Abs(x);
        T end = T.Of(LargeAngle);
        T limited = T.IfLess(magnitude, end, magnitude, T.Of(0f));
        (T turns, T turnBits) = Lane.Nearest(limited * T.Of(QuarterTurnsPerRadian));
        Pair<T> angle = Reduce(limited, turns);
        T result = OfQuadrant(angle, turnBits) / OfQuadrant(angle, T.AddBits(turnBits, T.OfBits(1)));
        return Special(x, T.ReplaceFrom<LargeTan>(end, magnitude, result) ^ Lane.Sign(x));
    }

    /// <summary>The sine of an angle, of at most an eighth of a turn, plus some quarter turns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T OfQuadrant<T>(Pair<T> angle, T quadrant) where T : struct, IFloatLanes<T>
    {
        T isOdd = T.FromInteger(quadrant & T.OfBits(1));
        T result = T.IfEqual(isOdd, T.Of(0f), SinOfEighth(angle), CosOfEighth(angle));
        return result ^ ((quadrant & T.OfBits(2)) << 30);
    }

    /// <summary>The sine of x, which is not negative, plus some quarter turns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T OfMagnitude<T, TLarge>(T x, uint shift)
        where T : struct, IFloatLanes<T> where TLarge : struct, IScalarFunction
    {
        T end = T.Of(LargeAngle);
        T limited = T.IfLess(x, end, x, T.Of(0f));
        (T turns, T turnBits) = Lane.Nearest(limited * T.Of(QuarterTurnsPerRadian));
        T result = OfQuadrant(Reduce(limited, turns), T.AddBits(turnBits, T.OfBits(shift)));
        return T.ReplaceFrom<TLarge>(end, x, result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Special<T>(T x, T result) where T : struct, IFloatLanes<T>
    {
        T notFinite = T.IfEqual(x, x, T.Of(float.NaN), x);
        return T.IfLess(Lane.Abs(x), T.Of(float.PositiveInfinity), result, notFinite);
    }

    /// <summary>An angle less some quarter turns, with an error of 2^-74 of a turn for each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Pair<T> Reduce<T>(T x, T turns) where T : struct, IFloatLanes<T>
    {
        // Minus half of pi in three parts of 24 bits. The first sum is exact, as its terms are so near to each other.
        Pair<T> first = Pair.Product(turns, T.Of(-1.5707964f));
        Pair<T> second = Pair.Product(turns, T.Of(4.371139e-8f));
        Pair<T> rest = Pair.Sum(x + first.High, first.Low);
        Pair<T> sum = Pair.Sum(rest.High, second.High);
        T low = (rest.Low + sum.Low) + (second.Low + (turns * T.Of(1.7151245e-15f)));
        return Pair.OrderedSum(sum.High, low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T SinOfEighth<T>(Pair<T> x) where T : struct, IFloatLanes<T>
    {
        // Minimax for (sin(x) / x - 1) / x^2, error 2^-32.
        T square = x.High * x.High;
        T series = T.Of(2.8135305e-6f);
        series = (series * square) + T.Of(-1.9851529e-4f);
        series = (series * square) + T.Of(8.333377e-3f);
        series = (series * square) + T.Of(-1.6666667e-1f);
        T slope = T.Of(1f) - (T.Of(0.5f) * square);
        return x.High + ((x.High * square * series) + (x.Low * slope));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T CosOfEighth<T>(Pair<T> x) where T : struct, IFloatLanes<T>
    {
        // Minimax for (cos(x) - 1 + x^2 / 2) / x^4, error 2^-33.
        T square = x.High * x.High;
        T series = T.Of(2.4410756e-5f);
        series = (series * square) + T.Of(-1.3887123e-3f);
        series = (series * square) + T.Of(4.166664e-2f);
        Pair<T> parabola = Pair.OrderedSum(T.Of(1f), T.Of(-0.5f) * square);
        return parabola.High + (parabola.Low + ((square * square * series) - (x.High * x.Low)));
    }

    private readonly struct LargeSin : IScalarFunction
    {
        public static float Of(float x) => AngleReduction.Sin(x, 0).Value;
    }

    private readonly struct LargeCos : IScalarFunction
    {
        public static float Of(float x) => AngleReduction.Sin(x, 1).Value;
    }

    private readonly struct LargeTan : IScalarFunction
    {
        public static float Of(float x) => AngleReduction.Sin(x, 0).Value / AngleReduction.Sin(x, 1).Value;
    }
}
