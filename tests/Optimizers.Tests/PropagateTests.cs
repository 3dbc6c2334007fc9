namespace Requant.Optimizers.Tests;

/// <summary><see cref="NonFinitePolicy.Propagate"/>: the rule is applied to gradients that are
/// not finite too.</summary>
public sealed class PropagateTests
{
    private const int Length = 5003;

    /// <summary>In the first vector, in the middle, and in the tail that no vector width divides.</summary>
    private static readonly int[] Bad = [0, 700, Length - 1];

    public static TheoryData<SimdWidth> Widths => [.. SimdWidths.Supported];

    [Theory]
    [MemberData(nameof(Widths))]
    public void Adam_Float32States_BecomeNaNWhereTheGradientIs(SimdWidth width)
    {
        (float[] parameters, float[] expected, ParameterState state, ParameterState reference) = Run(
            new Adam(), width, long.MaxValue);
        for (int i = 0; i < Length; i++)
        {
            bool isBad = Bad.Contains(i);
            Assert.Equal(isBad, float.IsNaN(parameters[i]));
            Assert.Equal(isBad, float.IsNaN(state.States["m"].Values[i]));
            Assert.True(isBad || parameters[i] == expected[i], $"Element {i} differs.");
            Assert.True(isBad || state.States["m"].Values[i] == reference.States["m"].Values[i], $"State {i} differs.");
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Adam_QuantizedStates_KeepTheirBlocks(SimdWidth width)
    {
        (float[] parameters, float[] expected, ParameterState state, ParameterState reference) =
            Run(new Adam(), width, 0);
        for (int i = 0; i < Length; i++)
        {
            Assert.Equal(Bad.Contains(i), float.IsNaN(parameters[i]));
            Assert.True(Bad.Contains(i) || parameters[i] == expected[i], $"Element {i} differs.");
        }

        // The reference skips the elements, which is what its states do here too.
        Assert.Equal(reference.States["m"].Codes, state.States["m"].Codes);
        Assert.Equal(reference.States["v"].Absmax, state.States["v"].Absmax);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Lamb_NaN_ReachesItsReductions(SimdWidth width)
    {
        // A norm of the update that is NaN is not above 0, so that the rule's trust ratio is 1 for the whole tensor.
        (float[] parameters, float[] expected, _, _) = Run(new Lamb(), width, long.MaxValue);
        for (int i = 0; i < Length; i++)
        {
            Assert.Equal(Bad.Contains(i), float.IsNaN(parameters[i]));
            Assert.NotEqual(expected[i], parameters[i]);
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Lion_InfiniteGradient_MovesByItsSign(SimdWidth width)
    {
        using var lion = new Optimizer<Lion>(
            new Lion { Lr = 0.25f, WeightDecay = 0f },
            new OptimizerOptions { SimdWidth = width, NonFinite = NonFinitePolicy.Propagate });
        ParameterState state = lion.Add("w", 20);
        float[] parameters = new float[20];
        lion.Step(state, parameters, [.. Enumerable.Repeat(float.NegativeInfinity, 20)]);
        Assert.All(parameters, value => Assert.Equal(0.25f, value));
    }

    private static (float[] Parameters, float[] Expected, ParameterState State, ParameterState Reference) Run<TRule>(
        TRule rule, SimdWidth width, long minQuantizedLength)
        where TRule : IOptimizerRule<TRule>
    {
        var options = new OptimizerOptions { SimdWidth = width, MinQuantizedLength = minQuantizedLength };
        var optimizer = new Optimizer<TRule>(rule, options with { NonFinite = NonFinitePolicy.Propagate });
        var skipping = new Optimizer<TRule>(rule, options);
        ParameterState state = optimizer.Add("w", Length);
        ParameterState reference = skipping.Add("w", Length);
        var random = new Random(1);
        float[] parameters = [.. Enumerable.Range(0, Length).Select(_ => random.NextSingle() - 0.5f)];
        float[] expected = [.. parameters];
        for (int step = 0; step < 2; step++)
        {
            float[] gradients = [.. Enumerable.Range(0, Length).Select(_ => random.NextSingle() - 0.5f)];
            if (step == 1)
            {
                Array.ForEach(Bad, i => gradients[i] = float.NaN);
            }

            optimizer.Step(state, parameters, gradients);
            skipping.Step(reference, expected, gradients);
        }

        Assert.Equal(0, optimizer.SkippedElements);
        Assert.Equal(Bad.Length, skipping.SkippedElements);
        return (parameters, expected, state, reference);
    }
}
