using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Requant.Numerics;

/// <summary>bfloat16: the high half of a float32.</summary>
internal readonly struct BFloat16Format : IElementFormat
{
    private const int MantissaMask = 0x007f;
    private const int QuietBit = 0x0040;

    private const int SingleMagnitudeMask = 0x7fffffff;
    private const int SingleInfinity = 0x7f800000;

    private const int Shift = 16;

    /// <summary>One less than half a unit of the last place, in the bits that rounding drops.</summary>
    private const int BelowHalf = 0x7fff;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Widen(int bits) => bits << Shift;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Widen(Vector128<int> bits) => bits << Shift;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Widen(Vector256<int> bits) => bits << Shift;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Widen(Vector512<int> bits) => bits << Shift;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Narrow(int single) => Narrow(single, BelowHalf + ((single >>> Shift) & 1));

    /// <summary>The bits of a float32 with something added to their low half, which is then cut off: the value itself
    /// where that half is 0, and otherwise one of the two around it. NaN is as for <see cref="Narrow(int)"/>.</summary>
    /// <param name="single">Bits of a float32.</param>
    /// <param name="added">From 0 to 65535.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Narrow(int single, int added)
    {
        int truncated = single >>> Shift;
        if ((single & SingleMagnitudeMask) > SingleInfinity)
        {
            return (truncated & MantissaMask) == 0 ? truncated | QuietBit : truncated;
        }

        return (single + added) >>> Shift;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Narrow(Vector128<int> single) =>
        Narrow(single, Vector128.Create(BelowHalf) + ((single >>> Shift) & Vector128<int>.One));

    /// <inheritdoc cref="Narrow(int, int)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Narrow(Vector128<int> single, Vector128<int> added)
    {
        Vector128<int> truncated = single >>> Shift;
        Vector128<int> rounded = (single + added) >>> Shift;
        Vector128<int> nan = truncated | Vector128.ConditionalSelect(
            Vector128.Equals(truncated & Vector128.Create(MantissaMask), Vector128<int>.Zero),
            Vector128.Create(QuietBit), Vector128<int>.Zero);
        return Vector128.ConditionalSelect(
            Vector128.GreaterThan(single & Vector128.Create(SingleMagnitudeMask), Vector128.Create(SingleInfinity)),
            nan, rounded);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Narrow(Vector256<int> single) =>
        Narrow(single, Vector256.Create(BelowHalf) + ((single >>> Shift) & Vector256<int>.One));

    /// <inheritdoc cref="Narrow(int, int)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Narrow(Vector256<int> single, Vector256<int> added)
    {
        Vector256<int> truncated = single >>> Shift;
        Vector256<int> rounded = (single + added) >>> Shift;
        Vector256<int> nan = truncated | Vector256.ConditionalSelect(
            Vector256.Equals(truncated & Vector256.Create(MantissaMask), Vector256<int>.Zero),
            Vector256.Create(QuietBit), Vector256<int>.Zero);
        return Vector256.ConditionalSelect(
            Vector256.GreaterThan(single & Vector256.Create(SingleMagnitudeMask), Vector256.Create(SingleInfinity)),
            nan, rounded);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Narrow(Vector512<int> single) =>
        Narrow(single, Vector512.Create(BelowHalf) + ((single >>> Shift) & Vector512<int>.One));

    /// <inheritdoc cref="Narrow(int, int)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Narrow(Vector512<int> single, Vector512<int> added)
    {
        Vector512<int> truncated = single >>> Shift;
        Vector512<int> rounded = (single + added) >>> Shift;
        Vector512<int> nan = truncated | Vector512.ConditionalSelect(
            Vector512.Equals(truncated & Vector512.Create(MantissaMask), Vector512<int>.Zero),
            Vector512.Create(QuietBit), Vector512<int>.Zero);
        return Vector512.ConditionalSelect(
            Vector512.GreaterThan(single & Vector512.Create(SingleMagnitudeMask), Vector512.Create(SingleInfinity)),
            nan, rounded);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ushort> NarrowNumbers(Vector128<int> lower, Vector128<int> upper) =>
        ElementPacking.Pack(RoundNumbers(lower) >>> Shift, RoundNumbers(upper) >>> Shift);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ushort> NarrowNumbers(Vector256<int> lower, Vector256<int> upper) =>
        ElementPacking.Pack(RoundNumbers(lower) >>> Shift, RoundNumbers(upper) >>> Shift);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ushort> NarrowNumbers(Vector512<int> lower, Vector512<int> upper) =>
        ElementPacking.Pack(RoundNumbers(lower) >>> Shift, RoundNumbers(upper) >>> Shift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> RoundNumbers(Vector128<int> single) =>
        single + Vector128.Create(BelowHalf) + ((single >>> Shift) & Vector128<int>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> RoundNumbers(Vector256<int> single) =>
        single + Vector256.Create(BelowHalf) + ((single >>> Shift) & Vector256<int>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> RoundNumbers(Vector512<int> single) =>
        single + Vector512.Create(BelowHalf) + ((single >>> Shift) & Vector512<int>.One);
}
