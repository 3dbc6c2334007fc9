using Requant.Tests;

namespace Requant.Optimizers.Tests.States;

/// <summary>Adam's steps where gradients become 0 or are small beside others of their block: a second moment that is
/// stored as 0 beside a first moment that is not would leave a division by eps.</summary>
public sealed class FadingGradientTests
{
    /// <summary>Blocks, and a ragged one.</summary>
    private static readonly int Length = (LongRun.Of(8, 32) * BlockSize) + 37;

    private const int BlockSize = 256;

    private const float Lr = 1e-3f;

    /// <summary>Whatever the gradients, exact Adam moves an element by at most
    /// (1 - beta1) / sqrt((1 - beta2) (1 - beta1² / beta2)) learning rates in a step (by Cauchy and Schwarz), which is
    /// 7.3; the rest is for rounding.</summary>
    private const double MostRates = 8;

    /// <summary>An update that is none would pass, too.</summary>
    private const double LeastRates = 0.9;

    /// <summary>A normal gradient, and then zeros.</summary>
    private static readonly float[][] OneGradient =
        [Data.Normal(Length, 1), .. Enumerable.Repeat(new float[Length], 60)];

    /// <summary>Of each gradient 95 % are 0, as of words that a batch lacks.</summary>
    private static readonly float[][] Sparse = [.. Enumerable.Range(0, 200).Select(step =>
    {
        const double Density = 0.05;
        var random = new Random(1000 + step);
        return Data.Normal(Length, step).Select(value => random.NextDouble() < Density ? value : 0f).ToArray();
    })];

    /// <summary>From 1 to 1e-6 in each block, with noise for a while and then zeros.</summary>
    private static readonly float[][] Scales =
    [
        .. Enumerable.Range(0, 20).Select(step =>
            Data.Normal(Length, step).Select((value, i) => value * ScaleOf(i)).ToArray()),
        .. Enumerable.Repeat(new float[Length], 40),
    ];

    public static TheoryData<SimdWidth, StateCodecs, StateRounding> Ways =>
    [
        .. from width in SimdWidths.Supported
           from codecs in (StateCodecs[])[StateCodecs.Dynamic, StateCodecs.MiniFloat]
           from rounding in Enum.GetValues<StateRounding>()
           select (width, codecs, rounding),
    ];

    public static TheoryData<SimdWidth, StateRounding> DeclaredWays =>
    [
        .. from width in SimdWidths.Supported
           from rounding in Enum.GetValues<StateRounding>()
           select (width, rounding),
    ];

    [Theory, MemberData(nameof(Ways))]
    public void Step_ZerosAfterOneGradient_StaysWithinEightRates(
        SimdWidth width, StateCodecs codecs, StateRounding rounding) =>
        AssertSteps(new Adam { Lr = Lr }, Options(width, codecs, rounding), OneGradient);

    [Theory, MemberData(nameof(Ways))]
    public void Step_SparseGradients_StaysWithinEightRates(
        SimdWidth width, StateCodecs codecs, StateRounding rounding) =>
        AssertSteps(new Adam { Lr = Lr }, Options(width, codecs, rounding), Sparse);

    [Theory, MemberData(nameof(Ways))]
    public void Step_ScalesSixDecadesApart_StaysWithinEightRates(
        SimdWidth width, StateCodecs codecs, StateRounding rounding) =>
        AssertSteps(new Adam { Lr = Lr }, Options(width, codecs, rounding), Scales);

    [Theory, MemberData(nameof(DeclaredWays))]
    public void Step_OtherUnsignedCodecs_StaysWithinEightRates(SimdWidth width, StateRounding rounding)
    {
        OptimizerOptions options = Options(width, StateCodecs.Declared, rounding);
        foreach (float[][] gradients in (float[][][])[OneGradient, Sparse, Scales])
        {
            AssertSteps(new AdamLinear { Lr = Lr }, options, gradients);
            AssertSteps(new AdamSquareRoot { Lr = Lr }, options, gradients);
        }
    }

    private static float ScaleOf(int element) => MathF.Pow(10, -6f * (element % BlockSize) / (BlockSize - 1));

    private static OptimizerOptions Options(SimdWidth width, StateCodecs codecs, StateRounding rounding) => new()
    {
        SimdWidth = width, MaxThreads = 1, BlockSize = BlockSize, MinQuantizedLength = 0, Codecs = codecs,
        StateRounding = rounding,
    };

    private static void AssertSteps<TRule>(TRule rule, OptimizerOptions options, float[][] gradients)
        where TRule : IOptimizerRule<TRule>
    {
        using var optimizer = new Optimizer<TRule>(rule, options);
        ParameterState state = optimizer.Add("w", Length);
        Assert.True(state.IsQuantized);
        float[] parameter = new float[Length];
        float[] before = new float[Length];
        double largest = 0;
        foreach ((int step, float[] gradient) in gradients.Index())
        {
            parameter.CopyTo(before, 0);
            optimizer.Step(state, parameter, gradient);
            for (int i = 0; i < Length; i++)
            {
                double rates = Math.Abs((double)parameter[i] - before[i]) / Lr;
                Assert.True(rates <= MostRates, $"Step {step + 1} moved element {i} by {rates:g3} learning rates.");
                largest = Math.Max(largest, rates);
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{typeof(TRule).Name}: at most {largest:g3} learning rates");
        Assert.True(largest >= LeastRates, $"No step moved an element by more than {largest:g3} learning rates.");
    }
}
