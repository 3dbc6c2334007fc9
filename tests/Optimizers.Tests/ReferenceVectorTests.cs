namespace Requant.Optimizers.Tests;

/// <summary>Three optimizers over five steps against vectors of an independent implementation with an exact quantizer.
/// The parameters are set to the reference's after each step, states are our own throughout: where a gradient and its
/// weight decay cancel, one rounding of the parameter would decide the next update's size.</summary>
public class ReferenceVectorTests
{
    /// <summary>The reference takes 1 - beta from the decimal beta and fuses some multiply-adds; a rule takes it from
    /// the float32 beta and rounds as written. That can move a value over the border between two codes,
    /// but no further.</summary>
    private const double MinEqualCodes = 0.999;

    private const int MaxCodeDifference = 1;

    /// <summary>A few roundings of float32.</summary>
    private const float RelativeTolerance = 2e-6f;

    /// <summary>For parameters near 0, where the update's own rounding is larger than the parameter's.</summary>
    private const float AbsoluteTolerance = 1e-7f;

    /// <summary>The reference's states are the paper's.</summary>
    private static readonly OptimizerOptions Paper = new()
    {
        MinQuantizedLength = 0, Codecs = StateCodecs.Dynamic, StateRounding = StateRounding.Nearest,
    };

    [Fact]
    public void AdamW_FiveSteps_MatchesReference() =>
        Compare(
            "adamw", new AdamW { Lr = 0.002f, Beta1 = 0.9f, Beta2 = 0.95f, Eps = 1e-8f, WeightDecay = 0.1f },
            ["m", "v"]);

    [Fact]
    public void Momentum_FiveSteps_MatchesReference() =>
        Compare("momentum", new Momentum { Lr = 0.01f, Beta = 0.9f, WeightDecay = 0.01f }, ["m"]);

    [Fact]
    public void RMSProp_FiveSteps_MatchesReference() =>
        Compare("rmsprop", new RMSProp { Lr = 0.001f, Alpha = 0.99f, Eps = 1e-8f, WeightDecay = 0.001f }, ["v"]);

    private static void Compare<TRule>(string name, TRule rule, string[] states) where TRule : IOptimizerRule<TRule>
    {
        ReferenceFile reference = ReferenceFile.Load(name, states.Length);
        (float[] parameters, float[][] gradients) = ReferenceFile.LoadInputs();
        using var optimizer = new Optimizer<TRule>(rule, Paper);
        ParameterState state = optimizer.Add("w", parameters.Length);
        for (int step = 0; step < ReferenceFile.StepCount; step++)
        {
            optimizer.Step(state, parameters, gradients[step]);
            CompareParameters(reference.Parameters(step), parameters, step);
            for (int i = 0; i < states.Length; i++)
            {
                CompareCodes(reference.Codes(step, i), state.States[states[i]].Codes, $"step {step}, {states[i]}");
                CompareAbsmax(reference.Absmax(step, i), state.States[states[i]].Absmax, $"step {step}, {states[i]}");
            }

            reference.Parameters(step).CopyTo(parameters);
        }
    }

    private static void CompareParameters(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, int step)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            float tolerance = (RelativeTolerance * MathF.Abs(expected[i])) + AbsoluteTolerance;
            Assert.True(
                MathF.Abs(expected[i] - actual[i]) <= tolerance,
                $"step {step}, element {i}: {expected[i]:R} expected, {actual[i]:R} found");
        }
    }

    private static void CompareAbsmax(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string place)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(MathF.Abs(expected[i] - actual[i]) <= RelativeTolerance * expected[i],
                $"{place}, block {i}: absmax {expected[i]:R} expected, {actual[i]:R} found");
        }
    }

    private static void CompareCodes(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual, string place)
    {
        int equal = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= MaxCodeDifference,
                $"{place}, element {i}: code {expected[i]} expected, {actual[i]} found");
            equal += expected[i] == actual[i] ? 1 : 0;
        }

        Assert.True(equal >= MinEqualCodes * expected.Length, $"{place}: {equal} of {expected.Length} codes equal");
    }
}
