namespace Requant.Samples.FirstRule;

/// <summary>A problem to train on: tell apart two classes of random points that a hidden direction separates.</summary>
public sealed class LogisticRegression
{
    private readonly float[][] _points;
    private readonly bool[] _labels;

    /// <summary>Draws the points.</summary>
    /// <param name="points">Points of the training set.</param>
    /// <param name="features">Coordinates of a point, which is also the length of the weights.</param>
    /// <param name="seed">The same seed gives the same problem.</param>
    public LogisticRegression(int points, int features, int seed)
    {
        var random = new Random(seed);
        float[] hidden = Draw(random, features);
        _points = [.. Enumerable.Range(0, points).Select(_ => Draw(random, features))];
        _labels = [.. _points.Select(point => Dot(point, hidden) > 0)];
    }

    /// <summary>Mean cross entropy of the training set, in nats, and its gradient.</summary>
    /// <param name="weights">float32[features].</param>
    /// <param name="gradient">float32[features], overwritten.</param>
    public float Loss(ReadOnlySpan<float> weights, Span<float> gradient)
    {
        gradient.Clear();
        float loss = 0f;
        for (int i = 0; i < _points.Length; i++)
        {
            float margin = Dot(_points[i], weights) * (_labels[i] ? 1f : -1f);
            loss += MathF.Max(-margin, 0f) + MathF.Log(1f + MathF.Exp(-MathF.Abs(margin)));
            float slope = (_labels[i] ? -1f : 1f) / (1f + MathF.Exp(margin)) / _points.Length;
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
