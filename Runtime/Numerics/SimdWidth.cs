using System.Runtime.Intrinsics;

namespace Requant;

/// <summary>Vector width of a CPU kernel; the value is the number of float32 lanes.</summary>
public enum SimdWidth
{
    /// <summary>One element at a time.</summary>
    Scalar = 1,

    /// <summary><see cref="Vector128{T}"/>: SSE, NEON.</summary>
    Vector128 = 4,

    /// <summary><see cref="Vector256{T}"/>: AVX2.</summary>
    Vector256 = 8,

    /// <summary><see cref="Vector512{T}"/>: AVX-512.</summary>
    Vector512 = 16,
}

/// <summary>The vector widths of this machine.</summary>
public static class SimdWidths
{
    /// <summary>The widest vectors that the hardware accelerates.</summary>
    public static SimdWidth Widest =>
        Vector512.IsHardwareAccelerated ? SimdWidth.Vector512 :
        Vector256.IsHardwareAccelerated ? SimdWidth.Vector256 :
        Vector128.IsHardwareAccelerated ? SimdWidth.Vector128 : SimdWidth.Scalar;

    /// <summary>Every width that the hardware accelerates, narrowest first; always contains
    /// <see cref="SimdWidth.Scalar"/>.</summary>
    public static IReadOnlyList<SimdWidth> Supported { get; } =
        [.. Enum.GetValues<SimdWidth>().Where(width => width <= Widest)];
}
