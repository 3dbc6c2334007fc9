using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Requant.Numerics;

/// <summary>A float32 as a bfloat16 and a remainder of 16 bits with a sign: the bits of the float32 are those of the
/// bfloat16, shifted, plus the remainder.</summary>
/// <remarks>
/// The bfloat16 is the nearest one, half way the larger magnitude, so that each pair is of one float32 and each float32
/// of one pair. (Ties to even would need 65537 remainders beside an even bfloat16.) A remainder that is left from
/// before somebody changed the parameter is at most half a place, and where it would make a NaN, beside 0 or infinity,
/// it counts nothing. docs/adr/0024-master-weights.md.
/// </remarks>
internal static class Remainder16
{
    private const int Shift = 16;
    private const int MagnitudeMask = int.MaxValue;
    private const int Infinity = 0x7f800000;
    private const int Half = 0x8000;
    private const int LowerHalf = 0xffff;

    /// <summary>The bits of the float32.</summary>
    /// <param name="upper">Bits of the bfloat16, from 0 to 65535.</param>
    /// <param name="remainder">From -32768 to 32767.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Join(int upper, int remainder)
    {
        int bits = (upper << Shift) + remainder;
        return (bits & MagnitudeMask) > Infinity ? upper << Shift : bits;
    }

    /// <inheritdoc cref="Join(int, int)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Join(Vector128<int> upper, Vector128<int> remainder)
    {
        Vector128<int> visible = upper << Shift;
        Vector128<int> bits = visible + remainder;
        return Vector128.ConditionalSelect(IsNaN(bits), visible, bits);
    }

    /// <inheritdoc cref="Join(int, int)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Join(Vector256<int> upper, Vector256<int> remainder)
    {
        Vector256<int> visible = upper << Shift;
        Vector256<int> bits = visible + remainder;
        return Vector256.ConditionalSelect(IsNaN(bits), visible, bits);
    }

    /// <inheritdoc cref="Join(int, int)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Join(Vector512<int> upper, Vector512<int> remainder)
    {
        Vector512<int> visible = upper << Shift;
        Vector512<int> bits = visible + remainder;
        return Vector512.ConditionalSelect(IsNaN(bits), visible, bits);
    }

    /// <summary>The bits of the nearest bfloat16. NaN keeps the part of its payload that fits, and has a remainder
    /// of 0.</summary>
    /// <param name="bits">Of the float32.</param>
    /// <param name="remainder">From -32768 to 32767.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Split(int bits, out short remainder)
    {
        if ((bits & MagnitudeMask) > Infinity)
        {
            remainder = 0;
            return (ushort)BFloat16Format.Narrow(bits);
        }

        remainder = (short)bits;
        return (ushort)((bits + Half) >>> Shift);
    }

    /// <summary>The bits of the nearest bfloat16s of numbers, as 32-bit lanes. None of them is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Upper(Vector128<int> bits) => (bits + Vector128.Create(Half)) >>> Shift;

    /// <inheritdoc cref="Upper(Vector128{int})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Upper(Vector256<int> bits) => (bits + Vector256.Create(Half)) >>> Shift;

    /// <inheritdoc cref="Upper(Vector128{int})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Upper(Vector512<int> bits) => (bits + Vector512.Create(Half)) >>> Shift;

    /// <summary>The remainders of numbers, each in the low half of its lane; the high half is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Lower(Vector128<int> bits) => bits & Vector128.Create(LowerHalf);

    /// <inheritdoc cref="Lower(Vector128{int})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Lower(Vector256<int> bits) => bits & Vector256.Create(LowerHalf);

    /// <inheritdoc cref="Lower(Vector128{int})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Lower(Vector512<int> bits) => bits & Vector512.Create(LowerHalf);

    /// <summary>All bits set in lanes that are NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> IsNaN(Vector128<int> bits) =>
        Vector128.GreaterThan(bits & Vector128.Create(MagnitudeMask), Vector128.Create(Infinity));

    /// <inheritdoc cref="IsNaN(Vector128{int})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> IsNaN(Vector256<int> bits) =>
        Vector256.GreaterThan(bits & Vector256.Create(MagnitudeMask), Vector256.Create(Infinity));

    /// <inheritdoc cref="IsNaN(Vector128{int})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> IsNaN(Vector512<int> bits) =>
        Vector512.GreaterThan(bits & Vector512.Create(MagnitudeMask), Vector512.Create(Infinity));
}
