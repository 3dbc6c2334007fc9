using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Requant.Numerics.Functions;

namespace Requant.CompilerServices;

/// <summary>Functions of a rule that .NET has in no form that fits kernels. All forms of one function give
/// the same bits.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static partial class ElementMath
{
    /// <summary>-1, 0 or 1; 0 for NaN, where <see cref="MathF.Sign"/> throws.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sign(float x) => x > 0f ? 1f : x < 0f ? -1f : 0f;

    /// <inheritdoc cref="Sign(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Sign(Vector128<float> x) =>
        (Vector128.GreaterThan(x, Vector128<float>.Zero) & Vector128<float>.One)
        | (Vector128.LessThan(x, Vector128<float>.Zero) & Vector128.Create(-1f));

    /// <inheritdoc cref="Sign(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Sign(Vector256<float> x) =>
        (Vector256.GreaterThan(x, Vector256<float>.Zero) & Vector256<float>.One)
        | (Vector256.LessThan(x, Vector256<float>.Zero) & Vector256.Create(-1f));

    /// <inheritdoc cref="Sign(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sign(Vector512<float> x) =>
        (Vector512.GreaterThan(x, Vector512<float>.Zero) & Vector512<float>.One)
        | (Vector512.LessThan(x, Vector512<float>.Zero) & Vector512.Create(-1f));

    /// <summary><see cref="Math.Clamp(float, float, float)"/>, but <paramref name="max"/> where the limits contradict
    /// each other and C# throws. NaN stays NaN, and a limit that is NaN is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Clamp(float x, float min, float max) =>
        Selection.Clamp(new ScalarLanes(x), new ScalarLanes(min), new ScalarLanes(max)).Value;

    /// <inheritdoc cref="Clamp(float, float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Clamp(Vector128<float> x, Vector128<float> min, Vector128<float> max) =>
        Selection.Clamp(new Lanes128(x), new Lanes128(min), new Lanes128(max)).Value;

    /// <inheritdoc cref="Clamp(float, float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Clamp(Vector256<float> x, Vector256<float> min, Vector256<float> max) =>
        Selection.Clamp(new Lanes256(x), new Lanes256(min), new Lanes256(max)).Value;

    /// <inheritdoc cref="Clamp(float, float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Clamp(Vector512<float> x, Vector512<float> min, Vector512<float> max) =>
        Selection.Clamp(new Lanes512(x), new Lanes512(min), new Lanes512(max)).Value;
}
