using System.ComponentModel;
using System.Runtime.CompilerServices;
using ILGPU;

namespace Requant.CompilerServices;

/// <summary>Functions whose C# meaning a device's own instructions do not have. For use inside kernels.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static partial class DeviceMath
{
    private const uint ExponentMask = 0x7f800000;
    private const uint MagnitudeMask = 0x7fffffff;

    /// <summary>Whether <paramref name="x"/> is neither NaN nor infinite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsFinite(float x) => (Interop.FloatAsInt(x) & ExponentMask) != ExponentMask;

    /// <summary>Bits of infinity: larger than those of any finite magnitude, and smaller than those of NaN.</summary>
    public const uint Infinity = ExponentMask;

    /// <summary>0 where all of a lane's gradients are finite, and their sum; otherwise <see cref="Infinity"/>, which
    /// sends a block to where its elements are taken one by one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint NonFiniteMask(Float32x8 gradients) => IsFinite(gradients.Sum()) ? 0 : Infinity;

    /// <summary>The largest of <paramref name="largest"/> and the magnitudes of eight values, as bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint MaxMagnitude(uint largest, Float32x8 values)
    {
        largest = IntrinsicMath.Max(largest, Magnitude(values.X0));
        largest = IntrinsicMath.Max(largest, Magnitude(values.X1));
        largest = IntrinsicMath.Max(largest, Magnitude(values.X2));
        largest = IntrinsicMath.Max(largest, Magnitude(values.X3));
        largest = IntrinsicMath.Max(largest, Magnitude(values.X4));
        largest = IntrinsicMath.Max(largest, Magnitude(values.X5));
        largest = IntrinsicMath.Max(largest, Magnitude(values.X6));
        return IntrinsicMath.Max(largest, Magnitude(values.X7));
    }

    /// <summary>The largest of <paramref name="largest"/> and eight values that should not be below
    /// zero, as bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint MaxMagnitudeUnsigned(uint largest, Float32x8 values)
    {
        largest = IntrinsicMath.Max(largest, Interop.FloatAsInt(values.X0));
        largest = IntrinsicMath.Max(largest, Interop.FloatAsInt(values.X1));
        largest = IntrinsicMath.Max(largest, Interop.FloatAsInt(values.X2));
        largest = IntrinsicMath.Max(largest, Interop.FloatAsInt(values.X3));
        largest = IntrinsicMath.Max(largest, Interop.FloatAsInt(values.X4));
        largest = IntrinsicMath.Max(largest, Interop.FloatAsInt(values.X5));
        largest = IntrinsicMath.Max(largest, Interop.FloatAsInt(values.X6));
        return IntrinsicMath.Max(largest, Interop.FloatAsInt(values.X7));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Magnitude(float value) => Interop.FloatAsInt(value) & MagnitudeMask;

    /// <summary>0, by a way that no compiler sees through: <c>3f + zero</c> is a constant that is not merged with
    /// others, which would round otherwise, nor dropped as <c>x + 0f</c> would be, which has
    /// another sign of 0.</summary>
    /// <param name="blockSize">Any number that is not negative.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float OpaqueZero(int blockSize) => Interop.IntAsFloat((uint)(blockSize >> 31));

    /// <summary><paramref name="whenTrue"/> or <paramref name="whenFalse"/>. A choice between floats that were compared
    /// would become a minimum or maximum of the device, which takes NaN for a missing value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Select(bool condition, float whenTrue, float whenFalse) =>
        Interop.IntAsFloat(condition ? Interop.FloatAsInt(whenTrue) : Interop.FloatAsInt(whenFalse));

    /// <summary><see cref="MathF.Max"/>: NaN if either is NaN, and +0 above -0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(float x, float y)
    {
        if (IsNaN(x) || IsNaN(y))
        {
            return IsNaN(x) ? x : y;
        }

        // Equal values differ at most in the sign of zero; the one without a sign bit is the larger.
        return x == y ? (int)Interop.FloatAsInt(x) < 0 ? y : x : x > y ? x : y;
    }

    /// <summary><see cref="MathF.Min"/>: NaN if either is NaN, and -0 below +0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Min(float x, float y)
    {
        if (IsNaN(x) || IsNaN(y))
        {
            return IsNaN(x) ? x : y;
        }

        return x == y ? (int)Interop.FloatAsInt(x) < 0 ? x : y : x < y ? x : y;
    }

    /// <summary>By the bits: a comparison of ILGPU with a constant on its left side holds for NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsNaN(float x) => (Interop.FloatAsInt(x) & MagnitudeMask) > ExponentMask;

    /// <summary>-1, 0 or 1, as a rule's <see cref="MathF.Sign"/>; 0 for NaN, where C# throws.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sign(float x) => x > 0f ? 1f : x < 0f ? -1f : 0f;
}
