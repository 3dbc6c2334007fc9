using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Requant.Numerics.Functions;

namespace Requant.CompilerServices;

/// <content>Functions that are written once, on lanes. The errors are the largest that were found, in units in the last
/// place of the result.</content>
public static partial class ElementMath
{
    /// <summary>e to the power of <paramref name="x"/>, any float; error 0.8 ulp at most.</summary>
    /// <returns>Infinity from 88.72284 on, 0 from -103.98 on, NaN for NaN.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Exp(float x) => Exponential.Exp(new ScalarLanes(x)).Value;

    /// <inheritdoc cref="Exp(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Exp(Vector128<float> x) => Exponential.Exp(new Lanes128(x)).Value;

    /// <inheritdoc cref="Exp(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Exp(Vector256<float> x) => Exponential.Exp(new Lanes256(x)).Value;

    /// <inheritdoc cref="Exp(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x) => Exponential.Exp(new Lanes512(x)).Value;

    /// <summary>The natural logarithm of <paramref name="x"/>, any float; error 0.9 ulp at most.</summary>
    /// <returns>Minus infinity for 0, NaN for NaN and where x is negative.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Log(float x) => Logarithm.Log(new ScalarLanes(x)).Value;

    /// <inheritdoc cref="Log(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Log(Vector128<float> x) => Logarithm.Log(new Lanes128(x)).Value;

    /// <inheritdoc cref="Log(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Log(Vector256<float> x) => Logarithm.Log(new Lanes256(x)).Value;

    /// <inheritdoc cref="Log(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Log(Vector512<float> x) => Logarithm.Log(new Lanes512(x)).Value;

    /// <summary>The logarithm of <paramref name="x"/>, any float, to base 2; error 1.2 ulp at most, none for
    /// powers of two.</summary>
    /// <returns>Minus infinity for 0, NaN for NaN and where x is negative.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Log2(float x) => Logarithm.Log2(new ScalarLanes(x)).Value;

    /// <inheritdoc cref="Log2(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Log2(Vector128<float> x) => Logarithm.Log2(new Lanes128(x)).Value;

    /// <inheritdoc cref="Log2(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Log2(Vector256<float> x) => Logarithm.Log2(new Lanes256(x)).Value;

    /// <inheritdoc cref="Log2(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Log2(Vector512<float> x) => Logarithm.Log2(new Lanes512(x)).Value;

    /// <summary>The logarithm of <paramref name="x"/>, any float, to base 10; error 1.1 ulp at most.</summary>
    /// <returns>Minus infinity for 0, NaN for NaN and where x is negative.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Log10(float x) => Logarithm.Log10(new ScalarLanes(x)).Value;

    /// <inheritdoc cref="Log10(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Log10(Vector128<float> x) => Logarithm.Log10(new Lanes128(x)).Value;

    /// <inheritdoc cref="Log10(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Log10(Vector256<float> x) => Logarithm.Log10(new Lanes256(x)).Value;

    /// <inheritdoc cref="Log10(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Log10(Vector512<float> x) => Logarithm.Log10(new Lanes512(x)).Value;

    /// <summary><paramref name="x"/> to the power of <paramref name="y"/>, any floats; error 0.85
    /// ulp at most.</summary>
    /// <returns>What <see cref="MathF.Pow"/> gives for zeros, infinities and NaN; NaN where x is negative and
    /// y no integer.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Pow(float x, float y) => Power.Pow(new ScalarLanes(x), new ScalarLanes(y)).Value;

    /// <inheritdoc cref="Pow(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Pow(Vector128<float> x, Vector128<float> y) =>
        Power.Pow(new Lanes128(x), new Lanes128(y)).Value;

    /// <inheritdoc cref="Pow(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Pow(Vector256<float> x, Vector256<float> y) =>
        Power.Pow(new Lanes256(x), new Lanes256(y)).Value;

    /// <inheritdoc cref="Pow(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Pow(Vector512<float> x, Vector512<float> y) =>
        Power.Pow(new Lanes512(x), new Lanes512(y)).Value;

    /// <summary>The cube root of <paramref name="x"/>, any float; error 0.7 ulp at most, none for cubes
    /// of integers.</summary>
    /// <returns>A number with the sign of x; x itself if it is zero, infinite or NaN.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Cbrt(float x) => Power.Cbrt(new ScalarLanes(x)).Value;

    /// <inheritdoc cref="Cbrt(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Cbrt(Vector128<float> x) => Power.Cbrt(new Lanes128(x)).Value;

    /// <inheritdoc cref="Cbrt(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Cbrt(Vector256<float> x) => Power.Cbrt(new Lanes256(x)).Value;

    /// <inheritdoc cref="Cbrt(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Cbrt(Vector512<float> x) => Power.Cbrt(new Lanes512(x)).Value;

    /// <summary>The hyperbolic tangent of <paramref name="x"/>, any float; error 1.4 ulp at most.</summary>
    /// <returns>From -1 to 1; NaN for NaN.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Tanh(float x) => HyperbolicTangent.Tanh(new ScalarLanes(x)).Value;

    /// <inheritdoc cref="Tanh(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Tanh(Vector128<float> x) => HyperbolicTangent.Tanh(new Lanes128(x)).Value;

    /// <inheritdoc cref="Tanh(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Tanh(Vector256<float> x) => HyperbolicTangent.Tanh(new Lanes256(x)).Value;

    /// <inheritdoc cref="Tanh(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Tanh(Vector512<float> x) => HyperbolicTangent.Tanh(new Lanes512(x)).Value;

    /// <summary>The sine of <paramref name="x"/>, any number of radians; error 0.85 ulp at most.</summary>
    /// <returns>From -1 to 1; NaN for NaN and infinity.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sin(float x) => Trigonometry.Sin(new ScalarLanes(x)).Value;

    /// <inheritdoc cref="Sin(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Sin(Vector128<float> x) => Trigonometry.Sin(new Lanes128(x)).Value;

    /// <inheritdoc cref="Sin(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Sin(Vector256<float> x) => Trigonometry.Sin(new Lanes256(x)).Value;

    /// <inheritdoc cref="Sin(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sin(Vector512<float> x) => Trigonometry.Sin(new Lanes512(x)).Value;

    /// <summary>The cosine of <paramref name="x"/>, any number of radians; error 0.85 ulp at most.</summary>
    /// <returns>From -1 to 1; NaN for NaN and infinity.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Cos(float x) => Trigonometry.Cos(new ScalarLanes(x)).Value;

    /// <inheritdoc cref="Cos(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Cos(Vector128<float> x) => Trigonometry.Cos(new Lanes128(x)).Value;

    /// <inheritdoc cref="Cos(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Cos(Vector256<float> x) => Trigonometry.Cos(new Lanes256(x)).Value;

    /// <inheritdoc cref="Cos(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Cos(Vector512<float> x) => Trigonometry.Cos(new Lanes512(x)).Value;

    /// <summary>The tangent of an angle in radians, of any size; within 2 ulp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Tan(float x) => Trigonometry.Tan(new ScalarLanes(x)).Value;

    /// <inheritdoc cref="Tan(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Tan(Vector128<float> x) => Trigonometry.Tan(new Lanes128(x)).Value;

    /// <inheritdoc cref="Tan(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Tan(Vector256<float> x) => Trigonometry.Tan(new Lanes256(x)).Value;

    /// <inheritdoc cref="Tan(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Tan(Vector512<float> x) => Trigonometry.Tan(new Lanes512(x)).Value;

    /// <summary>The angle in radians of a sine; NaN outside of -1 to 1; within 1 ulp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Asin(float x) => InverseTrigonometry.Asin(new ScalarLanes(x)).Value;

    /// <inheritdoc cref="Asin(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Asin(Vector128<float> x) => InverseTrigonometry.Asin(new Lanes128(x)).Value;

    /// <inheritdoc cref="Asin(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Asin(Vector256<float> x) => InverseTrigonometry.Asin(new Lanes256(x)).Value;

    /// <inheritdoc cref="Asin(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Asin(Vector512<float> x) => InverseTrigonometry.Asin(new Lanes512(x)).Value;

    /// <summary>The angle in radians of the point (x, y), from -pi to pi, as C# has it for zeros and infinities;
    /// within 1 ulp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Atan2(float y, float x) =>
        InverseTrigonometry.Atan2(new ScalarLanes(y), new ScalarLanes(x)).Value;

    /// <inheritdoc cref="Atan2(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Atan2(Vector128<float> y, Vector128<float> x) =>
        InverseTrigonometry.Atan2(new Lanes128(y), new Lanes128(x)).Value;

    /// <inheritdoc cref="Atan2(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Atan2(Vector256<float> y, Vector256<float> x) =>
        InverseTrigonometry.Atan2(new Lanes256(y), new Lanes256(x)).Value;

    /// <inheritdoc cref="Atan2(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Atan2(Vector512<float> y, Vector512<float> x) =>
        InverseTrigonometry.Atan2(new Lanes512(y), new Lanes512(x)).Value;
}
