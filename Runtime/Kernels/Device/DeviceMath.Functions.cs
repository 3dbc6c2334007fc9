using System.Runtime.CompilerServices;
using Requant.Numerics.Functions;

namespace Requant.CompilerServices;

/// <content>Functions that are written once, on lanes: the bits are those of CPU kernels.</content>
public static partial class DeviceMath
{
    /// <summary><see cref="Math.Clamp(float, float, float)"/>, but <paramref name="max"/> where the limits contradict
    /// each other and C# throws. NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Clamp(float x, float min, float max) =>
        Selection.Clamp(new ScalarLanes(x), new(min), new(max)).Value;

    /// <summary><see cref="MathF.CopySign"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float CopySign(float x, float sign) => Lane.CopySign(new ScalarLanes(x), new ScalarLanes(sign)).Value;

    /// <summary><see cref="MathF.Floor"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Floor(float x) => Rounding.Floor(new ScalarLanes(x)).Value;

    /// <summary><see cref="MathF.Ceiling"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Ceiling(float x) => Rounding.Ceiling(new ScalarLanes(x)).Value;

    /// <summary><see cref="MathF.Round(float)"/>: the even one of two integers that are equally near.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Round(float x) => Rounding.Round(new ScalarLanes(x)).Value;

    /// <summary><see cref="MathF.Truncate"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Truncate(float x) => Rounding.Truncate(new ScalarLanes(x)).Value;

    /// <summary><see cref="MathF.FusedMultiplyAdd"/>: x times y plus z, rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float FusedMultiplyAdd(float x, float y, float z) => ExactMultiplyAdd.Of(x, y, z);

    /// <inheritdoc cref="ElementMath.Exp(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Exp(float x) => Exponential.Exp(new ScalarLanes(x)).Value;

    /// <inheritdoc cref="ElementMath.Log(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Log(float x) => Logarithm.Log(new ScalarLanes(x)).Value;

    /// <inheritdoc cref="ElementMath.Log2(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Log2(float x) => Logarithm.Log2(new ScalarLanes(x)).Value;

    /// <inheritdoc cref="ElementMath.Log10(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Log10(float x) => Logarithm.Log10(new ScalarLanes(x)).Value;

    /// <inheritdoc cref="ElementMath.Pow(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Pow(float x, float y) => Power.Pow(new ScalarLanes(x), new ScalarLanes(y)).Value;

    /// <inheritdoc cref="ElementMath.Cbrt(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Cbrt(float x) => Power.Cbrt(new ScalarLanes(x)).Value;

    /// <inheritdoc cref="ElementMath.Tanh(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Tanh(float x) => HyperbolicTangent.Tanh(new ScalarLanes(x)).Value;

    /// <inheritdoc cref="ElementMath.Sin(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sin(float x) => Trigonometry.Sin(new ScalarLanes(x)).Value;

    /// <inheritdoc cref="ElementMath.Cos(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Cos(float x) => Trigonometry.Cos(new ScalarLanes(x)).Value;

    /// <inheritdoc cref="ElementMath.Tan(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Tan(float x) => Trigonometry.Tan(new ScalarLanes(x)).Value;

    /// <inheritdoc cref="ElementMath.Asin(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Asin(float x) => InverseTrigonometry.Asin(new ScalarLanes(x)).Value;

    /// <inheritdoc cref="ElementMath.Atan2(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Atan2(float y, float x) =>
        InverseTrigonometry.Atan2(new ScalarLanes(y), new ScalarLanes(x)).Value;
}
