using System.Runtime.CompilerServices;

namespace Requant.Numerics.Functions;

/// <summary>Rounding to integers, exact; zero, NaN and infinity stay as they are, and results keep the sign of
/// their argument.</summary>
internal static class Rounding
{
    /// <summary>From here on every float is an integer.</summary>
    private const float FirstOfIntegers = 8388608f;

    /// <summary>The nearest integer, the even one of two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Round<T>(T x) where T : struct, IFloatLanes<T>
    {
        T magnitude = Lane.Abs(x);
        T first = T.Of(FirstOfIntegers);
        return Lane.CopySign(T.IfLess(magnitude, first, (magnitude + first) - first, magnitude), x);
    }

    /// <summary>The largest integer that is not above x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Floor<T>(T x) where T : struct, IFloatLanes<T>
    {
        T nearest = Round(x);
        return Lane.CopySign(T.IfLess(x, nearest, nearest - T.Of(1f), nearest), x);
    }

    /// <summary>The smallest integer that is not below x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Ceiling<T>(T x) where T : struct, IFloatLanes<T>
    {
        T nearest = Round(x);
        return Lane.CopySign(T.IfLess(nearest, x, nearest + T.Of(1f), nearest), x);
    }

    /// <summary>x without its fraction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Truncate<T>(T x) where T : struct, IFloatLanes<T> => Lane.CopySign(Floor(Lane.Abs(x)), x);
}
