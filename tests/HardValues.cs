namespace Requant.Tests;

/// <summary>Parameters and gradients that are hard on kernels, reproducible from a seed.</summary>
internal static class HardValues
{
    /// <summary>Values over ten orders of magnitude with zeros of both signs, denormals, repeated values and, in nearly
    /// every warp, some that are not finite.</summary>
    public static float[] Hard(int length, int seed)
    {
        var random = new Random(seed);
        var gradient = new float[length];
        for (int i = 0; i < length; i++)
        {
            float scale = MathF.Pow(10f, random.Next(-8, 3)) * ((2f * random.NextSingle()) - 1f);
            gradient[i] = (i % 41, i % 13) switch
            {
                (17, _) => (i % 3) switch { 0 => float.NaN, 1 => float.PositiveInfinity, _ => float.NegativeInfinity },
                (_, 3) => i % 2 == 0 ? 0f : -0f,
                (_, 5) => 1e-40f,
                (_, 7) => 0.125f,
                _ => scale,
            };
        }

        // A block of 16 without a single finite gradient, and one of zeros.
        gradient.AsSpan(Math.Min(64, length), Math.Clamp(length - 64, 0, 16)).Fill(float.NaN);
        gradient.AsSpan(Math.Min(96, length), Math.Clamp(length - 96, 0, 16)).Clear();
        return gradient;
    }

    /// <summary>Values over a few orders of magnitude, where one block in three, the first one not among them, has
    /// something that is not finite: so that blocks are taken both whole and element by element.</summary>
    public static float[] Sparse(int length, int seed)
    {
        const int Period = 3 * 256;
        const int Place = 300;
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(i => i % Period == Place
            ? float.NaN
            : MathF.Pow(10f, random.Next(-4, 1)) * ((2f * random.NextSingle()) - 1f))];
    }

    /// <summary>Values of one order of magnitude and both signs, without a zero.</summary>
    public static float[] Dense(int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length)
            .Select(_ => MathF.CopySign(0.1f + (0.9f * random.NextSingle()), random.NextSingle() - 0.5f))];
    }

    public static float[] Parameters(int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(i => i % 31 == 0 ? 0f : (2f * random.NextSingle()) - 1f)];
    }
}
