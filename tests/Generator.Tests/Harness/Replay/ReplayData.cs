namespace Requant.Generator.Tests.Harness.Replay;

/// <summary>A tensor's shape, and its numbers.</summary>
/// <param name="IsHard">Whether some are denormal, and some so large that their squares are nearly infinite.</param>
/// <param name="NotFinite">The most gradients that are not finite.</param>
/// <param name="Dimensions">Of the tensor.</param>
internal sealed record ReplayData(bool IsHard, int NotFinite, params long[] Dimensions)
{
    private static readonly float[] Notable =
        [0f, -0f, 1f, -1f, 0.5f, -0.5f, 1e-40f, -1e-40f, 1e-20f, 2e18f, -2e18f, 2f, 1.0000001f, float.Epsilon];

    public int Length => (int)Dimensions.Aggregate(1L, (product, side) => product * side);

    /// <summary>Parameters before the first step, a fresh copy.</summary>
    public float[] Parameter() => Values(seed: 1);

    /// <summary>Gradients of a step.</summary>
    /// <param name="step">From 1.</param>
    public float[] Gradient(int step)
    {
        float[] gradient = Values(100 + step);
        var random = new Random(step);
        for (int i = 0; i < NotFinite; i++)
        {
            gradient[random.Next(gradient.Length)] =
                (i % 3) switch { 0 => float.NaN, 1 => float.PositiveInfinity, _ => float.NegativeInfinity };
        }

        return gradient;
    }

    public override string ToString() =>
        $"[{string.Join(", ", Dimensions)}]{(IsHard ? ", hard" : "")}, {NotFinite} not finite";

    private float[] Values(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Length).Select(_ => IsHard && random.Next(4) == 0
            ? Notable[random.Next(Notable.Length)]
            : (float)(random.NextDouble() - 0.5) * MathF.Pow(10f, random.Next(-2, 2)))];
    }
}
