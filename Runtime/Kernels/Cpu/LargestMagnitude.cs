using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Requant.CompilerServices;

/// <summary>The largest magnitude that a kernel has seen in each lane, as the bits of a float32: those of magnitudes
/// order like integers, with NaN above all.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class LargestMagnitude
{
    private const int MagnitudeMask = int.MaxValue;

    /// <summary>The larger one of each lane of <paramref name="largest"/> and of the magnitudes of
    /// <paramref name="values"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> With(Vector128<int> largest, Vector128<float> values) =>
        Vector128.Max(largest, values.AsInt32() & Vector128.Create(MagnitudeMask));

    /// <summary>The larger one of each lane of <paramref name="largest"/> and of the magnitudes of
    /// <paramref name="values"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> With(Vector256<int> largest, Vector256<float> values) =>
        Vector256.Max(largest, values.AsInt32() & Vector256.Create(MagnitudeMask));

    /// <summary>The larger one of each lane of <paramref name="largest"/> and of the magnitudes of
    /// <paramref name="values"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> With(Vector512<int> largest, Vector512<float> values) =>
        Vector512.Max(largest, values.AsInt32() & Vector512.Create(MagnitudeMask));
}
