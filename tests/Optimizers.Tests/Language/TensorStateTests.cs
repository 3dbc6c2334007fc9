namespace Requant.Optimizers.Tests.Language;

/// <summary>One float per tensor: initial values, updates from uniform and reduced values, and when
/// they change.</summary>
public class TensorStateTests
{
    /// <summary>A norm of float32 terms summed in float64, squared, and a handful of roundings.</summary>
    private const double Tolerance = 2e-6;

    [Theory]
    [InlineData(1)]
    [InlineData(257)]
    [InlineData(5000)]
    public void NovoGrad_Float32_MatchesFormula(int length)
    {
        using var optimizer = new Optimizer<NovoGrad>(
            new NovoGrad { WeightDecay = 0.01f }, new OptimizerOptions { MinQuantizedLength = long.MaxValue });
        ParameterState state = optimizer.Add("w", length);
        float[] actual = Values(length, 1);
        double[] expected = [.. actual.Select(value => (double)value)];
        var m = new double[length];
        double v = 0;
        for (int step = 1; step <= 5; step++)
        {
            float[] g = Values(length, 10 + step);
            optimizer.Step(state, actual, g);
            double square = g.Sum(value => (double)value * value);
            v = step == 1 ? square : (0.98f * v) + ((1 - 0.98f) * square);
            for (int i = 0; i < length; i++)
            {
                m[i] = (0.95f * m[i]) + (g[i] / (Math.Sqrt(v) + 1e-8f)) + (0.01f * expected[i]);
                expected[i] -= 0.01f * m[i];
                Assert.InRange(actual[i], expected[i] - Tolerance, expected[i] + Tolerance);
            }

            Assert.InRange(state.TensorStates["v"], v * (1 - Tolerance), v * (1 + Tolerance));
        }
    }

    [Fact]
    public void Values_BeforeAndAfterSteps_AreTheRules()
    {
        using var optimizer = new Optimizer<Reductions>(new Reductions());
        ParameterState state = optimizer.Add("w", 3);
        Assert.Equal([2f, 0f, 0f], state.TensorStates);
        Assert.Equal(["largest", "mean", "count"], state.TensorStates.Names);

        optimizer.Step(state, new float[3], [1f, 2f, 6f]);
        optimizer.Step(state, new float[3], [1f, 2f, -9f]);

        Assert.Equal([2f, -2f, 6f], state.TensorStates);
        state.TensorStates.Reset();
        Assert.Equal([2f, 0f, 0f], state.TensorStates);
        Assert.Equal(3 * sizeof(float), state.StateBytes);
        Assert.Contains(
            "largest, mean, count", Assert.Throws<KeyNotFoundException>(() => state.TensorStates["m"]).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => state.TensorStates[3]);
    }

    [Fact]
    public void Values_OfAFailedStep_AreTheOldOnes()
    {
        using var optimizer = new Optimizer<Reductions>(new Reductions());
        ParameterState state = optimizer.Add("w", 3);
        Assert.Throws<ArgumentException>(() => optimizer.Step(state, new float[3], new float[2]));
        Assert.Equal([2f, 0f, 0f], state.TensorStates);
    }

    private static float[] Values(int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (float)(random.NextDouble() - 0.5))];
    }
}
