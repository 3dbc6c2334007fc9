namespace Requant.Optimizers.Tests.States;

/// <summary>Adam's second moment where gradients of every other element become smaller: a slow average falls by less
/// than half the distance between two codes in a step, so that the nearest code is the old one.</summary>
public sealed class StandingAverageTests
{
    private const int Length = 4096;
    private const int Steps = 6000;
    private const int LargeSteps = 1000;
    private const float Factor = 1f / 30;

    /// <summary>Few enough to make in no time; an average over 1000 steps does not see that they come again.</summary>
    private const int DifferentGradients = 61;

    /// <summary>The mean over 2048 elements, each with the noise of stochastic rounding: its standard deviation is 1 %
    /// or less, and the random bits are always the same.</summary>
    private const double MeanTolerance = 0.05;

    /// <summary>An element's root has that noise itself.</summary>
    private const double MedianTolerance = 0.2;

    /// <summary>Half of the least that was seen with nearest codes.</summary>
    private const double StandingFactor = 50;

    private static readonly float[][] Normal =
        [.. Enumerable.Range(0, DifferentGradients).Select(seed => Data.Normal(Length, seed))];

    private static readonly float[][] Fading =
        [.. Normal.Select(all => all.Select((value, i) => IsFading(i) ? value * Factor : value).ToArray())];

    private static readonly Lazy<float[]> Exact =
        new(() => SecondMoments(new OptimizerOptions { Codecs = StateCodecs.Float32 }));

    public static TheoryData<SimdWidth, StateCodecs> Ways =>
    [
        .. from width in SimdWidths.Supported
           from codecs in (StateCodecs[])[StateCodecs.Dynamic, StateCodecs.MiniFloat]
           select (width, codecs),
    ];

    [Theory, MemberData(nameof(Ways))]
    public void SecondMoment_SmallerGradientsRoundedStochastically_FollowsThem(SimdWidth width, StateCodecs codecs)
    {
        double[] ratios = Ratios(width, codecs, StateRounding.Stochastic);

        double medianRoot = Math.Sqrt(ratios.Order().ElementAt(ratios.Length / 2));
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"mean {ratios.Average():0.000}, median root {medianRoot:0.000}");
        Assert.InRange(ratios.Average(), 1 - MeanTolerance, 1 + MeanTolerance);
        Assert.InRange(medianRoot, 1 - MedianTolerance, 1 + MedianTolerance);
    }

    /// <summary>What <see cref="StateRounding.Nearest"/> says of itself.</summary>
    [Theory]
    [InlineData(StateCodecs.Dynamic)]
    [InlineData(StateCodecs.MiniFloat)]
    public void SecondMoment_SmallerGradientsRoundedToNearest_StandsStill(StateCodecs codecs)
    {
        double[] ratios = Ratios(SimdWidths.Widest, codecs, StateRounding.Nearest);

        TestContext.Current.TestOutputHelper?.WriteLine($"mean {ratios.Average():0.0}");
        Assert.InRange(ratios.Average(), StandingFactor, double.MaxValue);
    }

    /// <summary>Stored second moments, divided by those of float32 states, of elements that fade.</summary>
    private static double[] Ratios(SimdWidth width, StateCodecs codecs, StateRounding rounding)
    {
        var options = new OptimizerOptions
        {
            SimdWidth = width, MaxThreads = 1, Codecs = codecs, StateRounding = rounding,
        };
        float[] stored = SecondMoments(options);
        return [.. stored.Zip(Exact.Value, (value, exact) => (double)value / exact).Where((_, i) => IsFading(i))];
    }

    private static bool IsFading(int element) => element % 2 == 1;

    private static float[] SecondMoments(OptimizerOptions options)
    {
        using var optimizer = new Optimizer<Adam>(new Adam(), options);
        ParameterState state = optimizer.Add("w", Length);
        Assert.Equal(options.Codecs != StateCodecs.Float32, state.IsQuantized);
        float[] parameter = new float[Length];
        for (int step = 0; step < Steps; step++)
        {
            float[][] gradients = step < LargeSteps ? Normal : Fading;
            optimizer.Step(state, parameter, gradients[step % DifferentGradients]);
        }

        float[] values = new float[Length];
        state.States["v"].Dequantize(values);
        return values;
    }
}
