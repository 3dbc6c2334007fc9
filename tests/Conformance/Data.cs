namespace Requant.Conformance;

/// <summary>Parameters and gradients that are hard on kernels, reproducible from a seed.</summary>
internal static class Data
{
    /// <summary>Normal values over ten orders of magnitude, with zeros, denormals, repeated values and, every 97th element and
    /// in whole stretches of 64, a value that is not finite.</summary>
    public static float[] Gradient(int length, int seed)
    {
        var random = new Random(seed);
        var gradient = new float[length];
        for (int i = 0; i < length; i++)
        {
            float scale = MathF.Pow(10f, random.Next(-8, 3));
            gradient[i] = (i % 97, i % 13) switch
            {
                _ when ((i / 64) + seed) % 9 == 4 => float.NaN,
                (41, _) => (i % 3) switch { 0 => float.NaN, 1 => float.PositiveInfinity, _ => float.NegativeInfinity },
                (_, 3) => 0f,
                (_, 5) => 1e-40f,
                (_, 7) => 0.125f,
                _ => scale * Normal(random),
            };
        }

        return gradient;
    }

    /// <summary>A gradient of ordinary size, zero in whole stretches.</summary>
    public static float[] PlainGradient(int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(i => i / 300 % 4 == 3 ? 0f : 0.01f * Normal(random))];
    }

    public static float[] Parameters(int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(i => i % 31 == 0 ? 0f : Normal(random))];
    }

    private static float Normal(Random random) =>
        MathF.Sqrt(-2f * MathF.Log(1f - random.NextSingle())) * MathF.Cos(2f * MathF.PI * random.NextSingle());
}
