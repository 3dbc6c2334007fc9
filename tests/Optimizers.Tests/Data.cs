namespace Requant.Optimizers.Tests;

/// <summary>Tensors that depend on their length and the step alone.</summary>
internal static class Data
{
    public static float[] Parameters(int length) => Uniform(new Random(7), length, 1f);

    /// <summary>Of ordinary size, but every 7th element is a thousand times smaller, and every 11th has
    /// no gradient.</summary>
    public static float[] Gradients(int length, int step)
    {
        float[] gradients = Uniform(new Random(100 + step), length, 0.1f);
        for (int i = 1; i < length; i++)
        {
            gradients[i] *= i % 11 == 0 ? 0f : i % 7 == 0 ? 1e-3f : 1f;
        }

        return gradients;
    }

    /// <summary>Normally distributed values that depend on the seed alone, by Box and Muller's transform.</summary>
    public static float[] Normal(int length, int seed)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, length).Select(_ => (float)(
                Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))),
        ];
    }

    private static float[] Uniform(Random random, int length, float scale) =>
        [.. Enumerable.Range(0, length).Select(_ => scale * ((2f * random.NextSingle()) - 1f))];
}
