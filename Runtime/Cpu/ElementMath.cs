using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Requant.Cpu;

/// <summary>Functions of a rule that .NET has in no form that fits kernels. All forms of one function give the same bits.</summary>
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
}
