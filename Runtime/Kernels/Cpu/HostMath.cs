using System.ComponentModel;

namespace Requant.CompilerServices;

/// <summary>Functions of a rule's host values that .NET lets throw. Host values are computed whether or not the branch
/// that needs them is taken, and a step must not fail halfway, so these have a result for every argument; where .NET
/// gives one, it is the same.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class HostMath
{
    /// <summary>-1, 0 or 1; 0 for NaN.</summary>
    public static int Sign(float x) => x > 0f ? 1 : x < 0f ? -1 : 0;

    /// <summary>-1, 0 or 1.</summary>
    public static int Sign(int x) => Math.Sign(x);

    /// <summary>The magnitude.</summary>
    public static float Abs(float x) => MathF.Abs(x);

    /// <summary>The magnitude; that of the smallest int is itself, as it wraps around.</summary>
    public static int Abs(int x) => x < 0 ? unchecked(-x) : x;

    /// <summary><paramref name="x"/> / <paramref name="y"/>, truncated; 0 where <paramref name="y"/> is 0, and wrapping
    /// around for the smallest int by -1.</summary>
    public static int Divide(int x, int y) => y switch { 0 => 0, -1 => unchecked(-x), _ => x / y };

    /// <summary>What is left of <paramref name="x"/> / <paramref name="y"/>, with the sign of <paramref name="x"/>; 0
    /// where <paramref name="y"/> is 0.</summary>
    public static int Remainder(int x, int y) => y is 0 or -1 ? 0 : x % y;

    /// <summary><paramref name="x"/>, at least <paramref name="min"/> and at most <paramref name="max"/>, the latter
    /// where the two contradict each other.</summary>
    public static float Clamp(float x, float min, float max) => min > max ? max : Math.Clamp(x, min, max);

    /// <inheritdoc cref="Clamp(float, float, float)"/>
    public static int Clamp(int x, int min, int max) => min > max ? max : Math.Clamp(x, min, max);
}
