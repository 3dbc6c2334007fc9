using Requant.Tests;

namespace Requant.Optimizers.Tests;

/// <summary>A step with a gradient scale is the step with gradients multiplied beforehand, bit for bit.</summary>
public sealed class ScaledGradientTests
{
    // Not a power of two, so that products are rounded, and of the sign that ascends.
    private const float Scale = -1f / 3f;

    /// <summary>Ragged tails, one element, nothing, and enough blocks for several threads.</summary>
    private static readonly int[] Lengths = [LongRun.Of(20_011, 100_003), 1, 0, 255, 4097];

    public static TheoryData<SimdWidth, int, long> Ways
    {
        get
        {
            var ways = new TheoryData<SimdWidth, int, long>();
            foreach (SimdWidth width in SimdWidths.Supported)
            {
                ways.Add(width, 1, 0);
                ways.Add(width, 8, 0);
                ways.Add(width, 8, long.MaxValue);
            }

            return ways;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Step_ScaledGradients_IsTheStepOnMultipliedGradients(
        SimdWidth width, int threads, long minQuantizedLength)
    {
        AssertAllTypes(new Adam { WeightDecay = 0.1f }, width, threads, minQuantizedLength);
        AssertAllTypes(new Lamb(), width, threads, minQuantizedLength);
        AssertAllTypes(new Lion { WeightDecay = 0.1f }, width, threads, minQuantizedLength);
    }

    private static void AssertAllTypes<TRule>(TRule rule, SimdWidth width, int threads, long minQuantizedLength)
        where TRule : IOptimizerRule<TRule>
    {
        var options = new OptimizerOptions
        {
            SimdWidth = width, MaxThreads = threads, MinQuantizedLength = minQuantizedLength,
        };
        AssertScaled<TRule, float>(rule, options, x => x, x => x);
        AssertScaled(rule, options, x => (Half)x, x => (float)x);
        AssertScaled(rule, options, x => (BFloat16)x, x => (float)x);
    }

    private static void AssertScaled<TRule, TGradient>(
        TRule rule, OptimizerOptions options, Func<float, TGradient> round, Func<TGradient, float> widen)
        where TRule : IOptimizerRule<TRule>
        where TGradient : unmanaged
    {
        using var scaled = new Optimizer<TRule>(rule, options) { GradientScale = Scale };
        using var reference = new Optimizer<TRule>(rule, options);
        foreach ((int tensor, int length) in Lengths.Index())
        {
            ParameterState state = scaled.Add($"w{tensor}", length);
            ParameterState referenceState = reference.Add($"w{tensor}", length);
            float[] parameters = Values(tensor, length);
            float[] expected = [.. parameters];
            for (int step = 0; step < 3; step++)
            {
                TGradient[] gradients = [.. Values(100 + (10 * tensor) + step, length).Select(round)];
                if (length > 300 && step == 1)
                {
                    gradients[299] = round(float.NaN);
                }

                TGradient[] before = [.. gradients];
                scaled.Step<float, TGradient>(state, parameters, gradients);
                reference.Step(referenceState, expected, [.. gradients.Select(x => widen(x) * Scale)]);
                Assert.Equal(before, gradients);
            }

            StepBits.AssertSame(referenceState, expected, state, parameters);
        }

        Assert.Equal(reference.SkippedElements, scaled.SkippedElements);
    }

    private static float[] Values(int seed, int length)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length)
            .Select(_ => (random.NextSingle() - 0.5f) * MathF.Pow(10f, random.Next(-4, 2)))];
    }
}
