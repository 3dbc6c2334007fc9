using System.Runtime.CompilerServices;
using ILGPU;

namespace Requant.Ilgpu;

/// <summary>Functions whose C# meaning a device's own instructions do not have. For use inside kernels.</summary>
public static partial class DeviceMath
{
    private const uint ExponentMask = 0x7f800000;

    /// <summary>Whether <paramref name="x"/> is neither NaN nor infinite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsFinite(float x) => (Interop.FloatAsInt(x) & ExponentMask) != ExponentMask;

    /// <summary><see cref="MathF.Max"/>: NaN if either is NaN, and +0 above -0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(float x, float y)
    {
        if (x == y)
        {
            // Equal values differ at most in the sign of zero; the one without a sign bit is the larger.
            return (int)Interop.FloatAsInt(x) < 0 ? y : x;
        }

        return x > y || float.IsNaN(x) ? x : y;
    }

    /// <summary><see cref="MathF.Min"/>: NaN if either is NaN, and -0 below +0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Min(float x, float y)
    {
        if (x == y)
        {
            return (int)Interop.FloatAsInt(x) < 0 ? x : y;
        }

        return x < y || float.IsNaN(x) ? x : y;
    }

    /// <summary>-1, 0 or 1, as a rule's <see cref="MathF.Sign"/>; 0 for NaN, where C# throws.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sign(float x) => x > 0f ? 1f : x < 0f ? -1f : 0f;
}
