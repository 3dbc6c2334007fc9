namespace Requant.Testing;

/// <summary>Parameters and gradients that are hard on kernels, reproducible from a seed.</summary>
internal static class HardData
{
    /// <summary>Elements of one nature in a row: several of the smallest blocks, and a part of the usual ones.</summary>
    private const int Stretch = 64;

    private const float Denormal = 1e-40f;
    private const float SmallestNormal = 1.17549435e-38f;

    /// <summary>Its square is infinite.</summary>
    private const float Overflowing = 1e25f;

    private static readonly float[] NotFinite = [float.NaN, float.PositiveInfinity, float.NegativeInfinity];

    public static float[] Parameters(int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(i => i % 31 == 0 ? 0f : Normal(random))];
    }

    public static float[] Gradient(GradientKind kind, int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(i => kind switch
        {
            GradientKind.Plain => i / 300 % 4 == 3 ? 0f : 0.01f * Normal(random),
            GradientKind.Mixed => Mixed(random, i),
            _ => Extreme(random, i, seed),
        })];
    }

    private static float Mixed(Random random, int index)
    {
        float scale = MathF.Pow(10f, random.Next(-8, 3));
        return (index % 97, index % 13) switch
        {
            (41, _) => NotFinite[index % 3],
            (_, 3) => 0f,
            (_, 5) => Denormal,
            (_, 7) => 0.125f,
            _ => scale * Normal(random),
        };
    }

    /// <summary>The nature of a stretch moves on with the seed, so that a block meets another one at each step.</summary>
    private static float Extreme(Random random, int index, int seed) => (((index / Stretch) + seed) % 8) switch
    {
        0 => index % 2 == 0 ? 0f : -0f,
        1 => Denormal * Normal(random),
        2 => SmallestNormal * (0.5f + (1.5f * random.NextSingle())) * (index % 2 == 0 ? 1f : -1f),
        3 => Normal(random) * (index % Stretch == 17 ? 1e12f : MathF.Pow(10f, random.Next(-28, 1))),
        4 => MathF.Pow(2f, random.Next(-20, 3)) * (index % 3 == 0 ? -1f : 1f),
        5 => index % Stretch == 5 ? Overflowing : Normal(random),
        6 => NotFinite[random.Next(NotFinite.Length)],
        _ => 0.01f * Normal(random),
    };

    private static float Normal(Random random) =>
        MathF.Sqrt(-2f * MathF.Log(1f - random.NextSingle())) * MathF.Cos(2f * MathF.PI * random.NextSingle());
}
