namespace Requant.Optimizers.Tests;

/// <summary>Every rule against its paper's formula in double precision, from the dequantized states that the step started
/// with. Quantization itself is then no error, and a few roundings of float32 are all that may differ.</summary>
public class FormulaTests
{
    private const int StepCount = 6;

    /// <summary>Relative to the update: about ten roundings of 6e-8, and 1 - 0.999f, which carries the rounding of 0.999f to
    /// 24 bits on to a value a thousand times smaller.</summary>
    private const double UpdateTolerance = 3e-5;

    /// <summary>Relative to the parameter: the rounding of the result.</summary>
    private const double ResultTolerance = 1.3e-7;

    /// <summary>Where terms of opposite sign cancel, rounding one of them is like changing an input by as much: the update
    /// may differ by what the formula itself makes of inputs that are a few roundings off.</summary>
    private const double InputTolerance = 3e-7;

    public static TheoryData<int> Lengths => [1, 255, 256, 257, 4096, 100_003];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Adam_AnyLength_MatchesFormula(int length) => Check(
        length, new Adam { Lr = 0.01f, WeightDecay = 0.1f }, (p, g, s, t, _) => AdamUpdate(g + (0.1 * p), s[0], s[1], t, 0.01, 1e-8));

    [Theory]
    [MemberData(nameof(Lengths))]
    public void AdamW_AnyLength_MatchesFormula(int length) => Check(
        length, new AdamW { Lr = 0.01f, WeightDecay = 0.1f }, (p, g, s, t, _) => (0.01 * 0.1 * p) + AdamUpdate(g, s[0], s[1], t, 0.01, 1e-8));

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Momentum_Dampened_MatchesFormula(int length) => Check(
        length,
        new Momentum { Lr = 0.1f, Beta = 0.9f, Dampening = 0.2f, WeightDecay = 0.01f },
        (p, g, s, t, _) => 0.1 * Buffer(g + (0.01 * p), s[0], t, 0.2));

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Momentum_Nesterov_MatchesFormula(int length) => Check(
        length,
        new Momentum { Lr = 0.1f, Beta = 0.9f, Nesterov = true },
        (_, g, s, t, _) => 0.1 * (g + (0.9 * Buffer(g, s[0], t, 0))));

    [Fact]
    public void Momentum_ZeroBeta_IsGradientDescent() => Check(
        5000, new Momentum { Lr = 0.1f, Beta = 0f, Dampening = 0.5f }, (_, g, _, _, _) => 0.1 * g);

    [Theory]
    [MemberData(nameof(Lengths))]
    public void RMSProp_AnyLength_MatchesFormula(int length) => Check(
        length,
        new RMSProp { Lr = 0.01f, WeightDecay = 0.1f },
        (p, g, s, _, _) => 0.01 * (g + (0.1 * p)) / (Math.Sqrt((0.99 * s[0]) + (0.01 * Math.Pow(g + (0.1 * p), 2))) + 1e-8));

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Lamb_AnyLength_MatchesFormula(int length) => Check(
        length,
        new Lamb { Lr = 0.01f, WeightDecay = 0.1f },
        (p, g, s, t, trustRatio) => 0.01 * trustRatio * LambUpdate(p, g, s, t),
        LambUpdate);

    [Fact]
    public void Lamb_ZeroParameters_TrustRatioIsOne()
    {
        using var optimizer = new Optimizer<Lamb>(new Lamb { Lr = 0.01f, WeightDecay = 0f });
        float[] parameters = new float[10];
        float[] gradients = [.. Enumerable.Repeat(0.5f, 10)];
        optimizer.Step(optimizer.Add("w", 10), parameters, gradients);
        Assert.All(parameters, value => Assert.Equal(-0.01, value, 1e-7));
    }

    private static double AdamUpdate(double g, double m, double v, int t, double lr, double eps)
    {
        m = (0.9 * m) + (0.1 * g);
        v = (0.999 * v) + (0.001 * g * g);
        return lr * m / (1 - Math.Pow(0.9, t)) / (Math.Sqrt(v / (1 - Math.Pow(0.999, t))) + eps);
    }

    private static double LambUpdate(double p, double g, double[] s, int t) => AdamUpdate(g, s[0], s[1], t, 1, 1e-6) + (0.1 * p);

    private static double Buffer(double g, double m, int t, double dampening) => t == 1 ? g : (0.9 * m) + ((1 - dampening) * g);

    private static void Check<TRule>(
        int length, TRule rule, Func<double, double, double[], int, double, double> update,
        Func<double, double, double[], int, double>? normed = null) where TRule : IOptimizerRule<TRule>
    {
        foreach (bool quantized in (bool[])[true, false])
        {
            using var optimizer = new Optimizer<TRule>(rule, new OptimizerOptions { MinQuantizedLength = quantized ? 0 : long.MaxValue });
            ParameterState state = optimizer.Add("w", length);
            var random = new Random(7);
            float[] parameters = Uniform(random, length, 1f);
            for (int step = 1; step <= StepCount; step++)
            {
                float[] gradients = Uniform(random, length, 0.1f);
                float[] before = [.. parameters];
                float[][] old = [.. state.States.Select(one => Values(one, length))];
                optimizer.Step(state, parameters, gradients);
                double trustRatio = normed is null ? 1 : TrustRatio(before, gradients, old, step, normed);
                for (int i = 0; i < length; i++)
                {
                    double[] inputs = [before[i], gradients[i], .. old.Select(values => (double)values[i])];
                    double expected = update(inputs[0], inputs[1], inputs[2..], step, trustRatio);
                    double tolerance = (UpdateTolerance * Math.Abs(expected)) + (ResultTolerance * Math.Abs(before[i]))
                        + Sensitivity(inputs, changed => update(changed[0], changed[1], changed[2..], step, trustRatio));
                    Assert.True(Math.Abs(before[i] - expected - parameters[i]) <= tolerance,
                        $"step {step}, element {i} of {length}, {(quantized ? "8-bit" : "float32")}: {parameters[i]:R} instead of {before[i] - expected:R}");
                }
            }
        }
    }

    /// <summary>How much the update changes when each input changes by <see cref="InputTolerance"/>.</summary>
    private static double Sensitivity(double[] inputs, Func<double[], double> update)
    {
        double unchanged = update(inputs);
        double sum = 0;
        for (int i = 0; i < inputs.Length; i++)
        {
            double[] changed = [.. inputs];
            changed[i] *= 1 + InputTolerance;
            sum += Math.Abs(update(changed) - unchanged);
        }

        return sum;
    }

    private static double TrustRatio(
        float[] parameters, float[] gradients, float[][] old, int step, Func<double, double, double[], int, double> normed)
    {
        double parameterNorm = Math.Sqrt(parameters.Sum(value => (double)value * value));
        double updateNorm = Math.Sqrt(Enumerable.Range(0, parameters.Length)
            .Sum(i => Math.Pow(normed(parameters[i], gradients[i], [.. old.Select(values => (double)values[i])], step), 2)));
        return parameterNorm > 0 && updateNorm > 0 ? parameterNorm / updateNorm : 1;
    }

    private static float[] Values(QuantizedState state, int length)
    {
        var values = new float[length];
        state.Dequantize(values);
        return values;
    }

    private static float[] Uniform(Random random, int length, float scale) =>
        [.. Enumerable.Range(0, length).Select(_ => scale * ((2f * random.NextSingle()) - 1f))];
}
