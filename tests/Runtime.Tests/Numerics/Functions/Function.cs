using System.Runtime.Intrinsics;
using Requant.CompilerServices;

namespace Requant.Runtime.Tests.Numerics.Functions;

/// <summary>A function of one argument in all its forms.</summary>
/// <param name="Name">As in C#.</param>
/// <param name="MaxUlps">The error that its documentation states.</param>
/// <param name="Exact">The same in double precision: its own error is 2^-29 of a float's.</param>
internal sealed record Function(
    string Name, double MaxUlps, Func<double, double> Exact, Func<float, float> Scalar,
    Func<Vector128<float>, Vector128<float>> Vector128,
    Func<Vector256<float>, Vector256<float>> Vector256, Func<Vector512<float>, Vector512<float>> Vector512)
{
    // The largest that was found over far more floats than here, rounded up: see docs/functions.md.
    private const double ExpUlps = 0.8;
    private const double LogUlps = 0.9;
    private const double Log2Ulps = 1.2;
    private const double Log10Ulps = 1.1;
    private const double CbrtUlps = 0.7;
    private const double TanhUlps = 1.4;
    private const double SinUlps = 0.85;

    private const double TanUlps = 2;
    private const double AsinUlps = 1;

    public const double PowUlps = 0.85;
    public const double Atan2Ulps = 1;

    private static readonly Function[] All =
    [
        new("Exp", ExpUlps, Math.Exp, ElementMath.Exp, ElementMath.Exp, ElementMath.Exp, ElementMath.Exp),
        new("Log", LogUlps, Math.Log, ElementMath.Log, ElementMath.Log, ElementMath.Log, ElementMath.Log),
        new("Log2", Log2Ulps, Math.Log2, ElementMath.Log2, ElementMath.Log2, ElementMath.Log2, ElementMath.Log2),
        new("Log10", Log10Ulps, Math.Log10, ElementMath.Log10, ElementMath.Log10, ElementMath.Log10, ElementMath.Log10),
        new("Cbrt", CbrtUlps, Math.Cbrt, ElementMath.Cbrt, ElementMath.Cbrt, ElementMath.Cbrt, ElementMath.Cbrt),
        new("Tanh", TanhUlps, Math.Tanh, ElementMath.Tanh, ElementMath.Tanh, ElementMath.Tanh, ElementMath.Tanh),
        new("Sin", SinUlps, Math.Sin, ElementMath.Sin, ElementMath.Sin, ElementMath.Sin, ElementMath.Sin),
        new("Tan", TanUlps, Math.Tan, ElementMath.Tan, ElementMath.Tan, ElementMath.Tan, ElementMath.Tan),
        new("Asin", AsinUlps, Math.Asin, ElementMath.Asin, ElementMath.Asin, ElementMath.Asin, ElementMath.Asin),
        new("Cos", SinUlps, Math.Cos, ElementMath.Cos, ElementMath.Cos, ElementMath.Cos, ElementMath.Cos),
    ];

    public static TheoryData<string> Names { get; } = [.. All.Select(function => function.Name)];

    public static Function Find(string name) => Array.Find(All, function => function.Name == name)!;
}
