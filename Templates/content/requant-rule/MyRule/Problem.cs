namespace Training;

/// <summary>Something to train on: random points in two classes, which a hidden direction separates.</summary>
public sealed class Problem
{
    private readonly float[][] _points;
    private readonly bool[] _labels;

    public Problem(int points, int features, int seed)
    {
        Features = features;
        var random = new Random(seed);
        float[] hidden = Draw(random, features);
        _points = [.. Enumerable.Range(0, points).Select(_ => Draw(random, features))];
        _labels = [.. _points.Select(point => Dot(point, hidden) > 0)];
    }

    public int Features { get; }

    /// <summary>The mean cross entropy and, in <paramref name="gradient"/>, its derivative.</summary>
    public float Loss(ReadOnlySpan<float> weights, Span<float> gradient)
    {
        gradient.Clear();
        float loss = 0f;
        for (int i = 0; i < _points.Length; i++)
        {
            float sign = _labels[i] ? 1f : -1f;
            float margin = sign * Dot(_points[i], weights);
            loss += MathF.Max(-margin, 0f) + MathF.Log(1f + MathF.Exp(-MathF.Abs(margin)));
            float slope = -sign / (1f + MathF.Exp(margin)) / _points.Length;
            for (int j = 0; j < gradient.Length; j++)
            {
                gradient[j] += slope * _points[i][j];
            }
        }

        return loss / _points.Length;
    }

    private static float[] Draw(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (2f * random.NextSingle()) - 1f)];

    private static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        float sum = 0f;
        for (int i = 0; i < x.Length; i++)
        {
            sum += x[i] * y[i];
        }

        return sum;
    }
}
