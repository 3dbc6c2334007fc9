using System.Runtime.CompilerServices;

namespace Requant.Numerics.Functions;

/// <summary>The sum of a value and a much smaller one, which together have about 48 bits of significand.</summary>
/// <typeparam name="T">The lanes.</typeparam>
internal readonly struct Pair<T>(T high, T low) where T : struct, IFloatLanes<T>
{
    public readonly T High = high;

    public readonly T Low = low;
}

/// <summary>Sums and products that keep what rounding takes. They need every operation rounded as
/// it is written.</summary>
internal static class Pair
{
    /// <summary>x + y exactly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> Sum<T>(T x, T y) where T : struct, IFloatLanes<T>
    {
        T sum = x + y;
        T fromY = sum - x;
        T fromX = sum - fromY;
        return new Pair<T>(sum, (x - fromX) + (y - fromY));
    }

    /// <summary>x + y exactly, if x is not the smaller in magnitude, or either is zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> OrderedSum<T>(T x, T y) where T : struct, IFloatLanes<T>
    {
        T sum = x + y;
        return new Pair<T>(sum, y - (sum - x));
    }

    /// <summary>x times y exactly, unless denormal values appear.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> Product<T>(T x, T y) where T : struct, IFloatLanes<T>
    {
        T product = x * y;
        return new Pair<T>(product, T.ProductError(x, y, product));
    }

    /// <summary>x times a pair, to about 2^-46 of the result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> Scale<T>(T x, Pair<T> y) where T : struct, IFloatLanes<T>
    {
        Pair<T> product = Product(x, y.High);
        return OrderedSum(product.High, product.Low + (x * y.Low));
    }

    /// <summary>A pair times a pair, to about 2^-45 of the result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> Multiply<T>(Pair<T> x, Pair<T> y) where T : struct, IFloatLanes<T>
    {
        Pair<T> product = Product(x.High, y.High);
        return OrderedSum(product.High, product.Low + ((x.High * y.Low) + (x.Low * y.High)));
    }
}
