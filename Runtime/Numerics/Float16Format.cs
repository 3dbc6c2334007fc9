using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Requant.Numerics;

/// <summary>IEEE binary16: 5 exponent bits and 10 mantissa bits.</summary>
internal readonly struct Float16Format : IElementFormat
{
    private const int Sign = 0x8000;
    private const int MagnitudeMask = 0x7fff;
    private const int MantissaMask = 0x03ff;
    private const int Infinity = 0x7c00;
    private const int QuietBit = 0x0200;

    private const int SingleMagnitudeMask = 0x7fffffff;
    private const int SingleInfinity = 0x7f800000;

    /// <summary>From the mantissa's place in a float16 to that in a float32.</summary>
    private const int MantissaShift = 13;

    private const int SignShift = 16;

    /// <summary>Difference of the exponents' biases, 127 - 15, in the place of a float32's exponent.</summary>
    private const int Rebias = 112 << 23;

    /// <summary>2^-14 as a float32: the smallest magnitude with an exponent of its own.</summary>
    private const int SmallestNormal = 113 << 23;

    /// <summary>2^16 as a float32: from here on all is infinite. What is below and rounds to it carries
    /// into infinity.</summary>
    private const int Overflow = 143 << 23;

    /// <summary>Magnitudes with exponent 1 and 31 after the shift.</summary>
    private const int ShiftedNormal = 0x0400 << MantissaShift;

    private const int ShiftedInfinity = Infinity << MantissaShift;

    /// <summary>One less than half a unit of the last place, in the bits that rounding drops.</summary>
    private const int BelowHalf = 0x0fff;

    /// <summary>0.5f, whose unit of the last place is 2^-24, the smallest float16: adding it rounds a subnormal to its
    /// place.</summary>
    private const int SubnormalAligner = 126 << 23;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Widen(int bits)
    {
        int magnitude = (bits & MagnitudeMask) << MantissaShift;
        int widened;
        if (magnitude < ShiftedNormal)
        {
            // With an exponent of 1 the mantissa gets a leading 1, which the subtraction takes away again.
            widened = BitConverter.SingleToInt32Bits(
                BitConverter.Int32BitsToSingle(magnitude + SmallestNormal)
                - BitConverter.Int32BitsToSingle(SmallestNormal));
        }
        else
        {
            widened = magnitude + (magnitude < ShiftedInfinity ? Rebias : 2 * Rebias);
        }

        return widened | ((bits & Sign) << SignShift);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Widen(Vector128<int> bits)
    {
        Vector128<int> magnitude = (bits & Vector128.Create(MagnitudeMask)) << MantissaShift;
        Vector128<int> normal = magnitude + Vector128.Create(Rebias);
        Vector128<int> subnormal =
            ((magnitude + Vector128.Create(SmallestNormal)).AsSingle() - Vector128.Create(SmallestNormal).AsSingle())
                .AsInt32();
        Vector128<int> infinite = normal + Vector128.Create(Rebias);
        Vector128<int> widened = Vector128.ConditionalSelect(
            Vector128.LessThan(magnitude, Vector128.Create(ShiftedNormal)), subnormal,
            Vector128.ConditionalSelect(
                Vector128.LessThan(magnitude, Vector128.Create(ShiftedInfinity)), normal, infinite));
        return widened | ((bits & Vector128.Create(Sign)) << SignShift);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Widen(Vector256<int> bits)
    {
        Vector256<int> magnitude = (bits & Vector256.Create(MagnitudeMask)) << MantissaShift;
        Vector256<int> normal = magnitude + Vector256.Create(Rebias);
        Vector256<int> subnormal =
            ((magnitude + Vector256.Create(SmallestNormal)).AsSingle() - Vector256.Create(SmallestNormal).AsSingle())
                .AsInt32();
        Vector256<int> infinite = normal + Vector256.Create(Rebias);
        Vector256<int> widened = Vector256.ConditionalSelect(
            Vector256.LessThan(magnitude, Vector256.Create(ShiftedNormal)), subnormal,
            Vector256.ConditionalSelect(
                Vector256.LessThan(magnitude, Vector256.Create(ShiftedInfinity)), normal, infinite));
        return widened | ((bits & Vector256.Create(Sign)) << SignShift);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Widen(Vector512<int> bits)
    {
        Vector512<int> magnitude = (bits & Vector512.Create(MagnitudeMask)) << MantissaShift;
        Vector512<int> normal = magnitude + Vector512.Create(Rebias);
        Vector512<int> subnormal =
            ((magnitude + Vector512.Create(SmallestNormal)).AsSingle() - Vector512.Create(SmallestNormal).AsSingle())
                .AsInt32();
        Vector512<int> infinite = normal + Vector512.Create(Rebias);
        Vector512<int> widened = Vector512.ConditionalSelect(
            Vector512.LessThan(magnitude, Vector512.Create(ShiftedNormal)), subnormal,
            Vector512.ConditionalSelect(
                Vector512.LessThan(magnitude, Vector512.Create(ShiftedInfinity)), normal, infinite));
        return widened | ((bits & Vector512.Create(Sign)) << SignShift);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Narrow(int single)
    {
        int magnitude = single & SingleMagnitudeMask;
        int narrowed;
        if (magnitude < SmallestNormal)
        {
            narrowed = BitConverter.SingleToInt32Bits(
                BitConverter.Int32BitsToSingle(magnitude) + BitConverter.Int32BitsToSingle(SubnormalAligner))
                - SubnormalAligner;
        }
        else if (magnitude < Overflow)
        {
            narrowed = (magnitude + BelowHalf - Rebias + ((magnitude >> MantissaShift) & 1)) >> MantissaShift;
        }
        else
        {
            int payload = (magnitude >> MantissaShift) & MantissaMask;
            narrowed = magnitude <= SingleInfinity ? Infinity : Infinity | (payload == 0 ? QuietBit : payload);
        }

        return narrowed | ((single >>> SignShift) & Sign);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Narrow(Vector128<int> single)
    {
        Vector128<int> magnitude = single & Vector128.Create(SingleMagnitudeMask);
        Vector128<int> odd = (magnitude >>> MantissaShift) & Vector128<int>.One;
        Vector128<int> normal = (magnitude + Vector128.Create(BelowHalf - Rebias) + odd) >>> MantissaShift;
        Vector128<int> subnormal =
            (magnitude.AsSingle() + Vector128.Create(SubnormalAligner).AsSingle()).AsInt32()
            - Vector128.Create(SubnormalAligner);
        Vector128<int> payload = (magnitude >>> MantissaShift) & Vector128.Create(MantissaMask);
        Vector128<int> nan = payload | Vector128.ConditionalSelect(
            Vector128.Equals(payload, Vector128<int>.Zero), Vector128.Create(Infinity | QuietBit),
            Vector128.Create(Infinity));
        Vector128<int> large = Vector128.ConditionalSelect(
            Vector128.GreaterThan(magnitude, Vector128.Create(SingleInfinity)), nan, Vector128.Create(Infinity));
        Vector128<int> narrowed = Vector128.ConditionalSelect(
            Vector128.LessThan(magnitude, Vector128.Create(SmallestNormal)), subnormal,
            Vector128.ConditionalSelect(Vector128.LessThan(magnitude, Vector128.Create(Overflow)), normal, large));
        return narrowed | ((single >>> SignShift) & Vector128.Create(Sign));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Narrow(Vector256<int> single)
    {
        Vector256<int> magnitude = single & Vector256.Create(SingleMagnitudeMask);
        Vector256<int> odd = (magnitude >>> MantissaShift) & Vector256<int>.One;
        Vector256<int> normal = (magnitude + Vector256.Create(BelowHalf - Rebias) + odd) >>> MantissaShift;
        Vector256<int> subnormal =
            (magnitude.AsSingle() + Vector256.Create(SubnormalAligner).AsSingle()).AsInt32()
            - Vector256.Create(SubnormalAligner);
        Vector256<int> payload = (magnitude >>> MantissaShift) & Vector256.Create(MantissaMask);
        Vector256<int> nan = payload | Vector256.ConditionalSelect(
            Vector256.Equals(payload, Vector256<int>.Zero), Vector256.Create(Infinity | QuietBit),
            Vector256.Create(Infinity));
        Vector256<int> large = Vector256.ConditionalSelect(
            Vector256.GreaterThan(magnitude, Vector256.Create(SingleInfinity)), nan, Vector256.Create(Infinity));
        Vector256<int> narrowed = Vector256.ConditionalSelect(
            Vector256.LessThan(magnitude, Vector256.Create(SmallestNormal)), subnormal,
            Vector256.ConditionalSelect(Vector256.LessThan(magnitude, Vector256.Create(Overflow)), normal, large));
        return narrowed | ((single >>> SignShift) & Vector256.Create(Sign));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Narrow(Vector512<int> single)
    {
        Vector512<int> magnitude = single & Vector512.Create(SingleMagnitudeMask);
        Vector512<int> odd = (magnitude >>> MantissaShift) & Vector512<int>.One;
        Vector512<int> normal = (magnitude + Vector512.Create(BelowHalf - Rebias) + odd) >>> MantissaShift;
        Vector512<int> subnormal =
            (magnitude.AsSingle() + Vector512.Create(SubnormalAligner).AsSingle()).AsInt32()
            - Vector512.Create(SubnormalAligner);
        Vector512<int> payload = (magnitude >>> MantissaShift) & Vector512.Create(MantissaMask);
        Vector512<int> nan = payload | Vector512.ConditionalSelect(
            Vector512.Equals(payload, Vector512<int>.Zero), Vector512.Create(Infinity | QuietBit),
            Vector512.Create(Infinity));
        Vector512<int> large = Vector512.ConditionalSelect(
            Vector512.GreaterThan(magnitude, Vector512.Create(SingleInfinity)), nan, Vector512.Create(Infinity));
        Vector512<int> narrowed = Vector512.ConditionalSelect(
            Vector512.LessThan(magnitude, Vector512.Create(SmallestNormal)), subnormal,
            Vector512.ConditionalSelect(Vector512.LessThan(magnitude, Vector512.Create(Overflow)), normal, large));
        return narrowed | ((single >>> SignShift) & Vector512.Create(Sign));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ushort> NarrowNumbers(Vector128<int> lower, Vector128<int> upper) =>
        ElementPacking.Pack(Narrow(lower), Narrow(upper));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ushort> NarrowNumbers(Vector256<int> lower, Vector256<int> upper) =>
        ElementPacking.Pack(Narrow(lower), Narrow(upper));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ushort> NarrowNumbers(Vector512<int> lower, Vector512<int> upper) =>
        ElementPacking.Pack(Narrow(lower), Narrow(upper));
}
