using System.Runtime.CompilerServices;

namespace Requant.Numerics.Functions;

/// <summary>Exact operations on lanes that all functions share.</summary>
internal static class Lane
{
    private const uint SignBit = 0x80000000;

    private const uint AllButSign = 0x7fffffff;

    /// <summary>Added to a value of at most 2^22 in magnitude, it rounds it to an integer, which the low bits of
    /// the sum hold.</summary>
    private const float Rounder = 12582912f;

    /// <summary>The sign bit alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sign<T>(T x) where T : struct, IFloatLanes<T> => x & T.OfBits(SignBit);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Abs<T>(T x) where T : struct, IFloatLanes<T> => x & T.OfBits(AllButSign);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T CopySign<T>(T x, T sign) where T : struct, IFloatLanes<T> => Abs(x) | Sign(sign);

    /// <summary>The integer nearest to x, as a float and as bits; |x| at most 2^22.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (T Value, T Bits) Nearest<T>(T x) where T : struct, IFloatLanes<T>
    {
        T rounder = T.Of(Rounder);
        T sum = x + rounder;
        return (sum - rounder, T.SubtractBits(sum, rounder));
    }

    /// <summary>x, at least <paramref name="min"/> and at most <paramref name="max"/>;
    /// <paramref name="max"/> for NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Limit<T>(T x, float min, float max) where T : struct, IFloatLanes<T>
    {
        T most = T.IfLess(x, T.Of(max), x, T.Of(max));
        return T.IfLess(most, T.Of(min), T.Of(min), most);
    }
}
