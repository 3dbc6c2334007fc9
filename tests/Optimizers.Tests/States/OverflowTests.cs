namespace Requant.Optimizers.Tests.States;

/// <summary>A finite gradient whose square is not: with the parameter moved and the second moment kept, the next steps
/// would divide a first moment of 1e29 by one that knows nothing of it.</summary>
public sealed class OverflowTests
{
    /// <summary>Blocks, and a ragged one.</summary>
    private const int Length = (3 * 256) + 37;

    private const int StepCount = 12;
    private const int OverflowStep = 3;
    private const float Overflowing = 1e30f;

    /// <summary>In whole vectors, in a tail, and the last but one.</summary>
    private static readonly int[] Places = [17, 300, Length - 2];

    public static TheoryData<SimdWidth, StateCodecs> Ways =>
    [
        .. from width in SimdWidths.Supported from codecs in Enum.GetValues<StateCodecs>() select (width, codecs),
    ];

    [Theory, MemberData(nameof(Ways))]
    public void Step_GradientWhoseSquareOverflows_IsSkippedAsOneThatIsNaN(SimdWidth width, StateCodecs codecs)
    {
        var options =
            new OptimizerOptions { SimdWidth = width, MinQuantizedLength = 0, Codecs = codecs, MaxThreads = 1 };
        AssertSkipped(new Adam { Lr = 0.01f, Amsgrad = true }, options);
        AssertSkipped(new AdamW { Lr = 0.01f }, options);
        AssertSkipped(new RMSProp { Lr = 0.01f, Centered = true, Momentum = 0.9f }, options);
        AssertSkipped(new Adagrad { Lr = 0.01f }, options with { BlockSize = 64 });
    }

    [Theory]
    [InlineData(NonFinitePolicy.SkipStep)]
    [InlineData(NonFinitePolicy.Throw)]
    public void Step_OverflowUnderPoliciesOfWholeSteps_SkipsTheElement(NonFinitePolicy policy)
    {
        var options = new OptimizerOptions { MinQuantizedLength = 0, NonFinite = policy };
        using var optimizer = new Optimizer<Adam>(new Adam { Lr = 0.01f }, options);
        float[] parameters = Train(
            optimizer, new float[Length], Overflowing,
            (state, values, gradients) => optimizer.Step(state, values.AsSpan(), gradients));

        Assert.Equal(Places.Length, optimizer.SkippedElements);
        Assert.All(parameters, value => Assert.InRange(value, -1, 1));
    }

    private static void AssertSkipped<TRule>(TRule rule, OptimizerOptions options)
        where TRule : IOptimizerRule<TRule>
    {
        using var expected = new Optimizer<TRule>(rule, options);
        using var actual = new Optimizer<TRule>(rule, options);
        Assert.Equal(
            Train(
                expected, new float[Length], float.NaN,
                (state, values, gradients) => expected.Step(state, values.AsSpan(), gradients)),
            Train(
                actual, new float[Length], Overflowing,
                (state, values, gradients) => actual.Step(state, values.AsSpan(), gradients)));
        AssertSameStates(expected, actual);

        using var expectedNarrow = new Optimizer<TRule>(rule, options);
        using var actualNarrow = new Optimizer<TRule>(rule, options);
        Assert.Equal(
            Train(
                expectedNarrow, new BFloat16[Length], float.NaN,
                (state, values, gradients) => expectedNarrow.Step<BFloat16, float>(state, values, gradients)),
            Train(
                actualNarrow, new BFloat16[Length], Overflowing,
                (state, values, gradients) => actualNarrow.Step<BFloat16, float>(state, values, gradients)));
        AssertSameStates(expectedNarrow, actualNarrow);
    }

    private static void AssertSameStates<TRule>(Optimizer<TRule> expected, Optimizer<TRule> actual)
        where TRule : IOptimizerRule<TRule>
    {
        Assert.Equal(Places.Length, actual.SkippedElements);
        Assert.Equal(expected.SkippedElements, actual.SkippedElements);
        foreach ((QuantizedState one, QuantizedState other) in expected.Parameters[0].States.Zip(
            actual.Parameters[0].States))
        {
            Assert.Equal(ReferenceChecks.Dequantize(one), ReferenceChecks.Dequantize(other));
        }
    }

    /// <summary>Steps with gradients of which a few have <paramref name="odd"/> in one of the steps.</summary>
    private static T[] Train<TRule, T>(
        Optimizer<TRule> optimizer, T[] parameters, float odd, Action<ParameterState, T[], float[]> step)
        where TRule : IOptimizerRule<TRule>
    {
        ParameterState state = optimizer.Add("w", Length);
        for (int number = 1; number <= StepCount; number++)
        {
            float[] gradients = Data.Normal(Length, number);
            if (number == OverflowStep)
            {
                Array.ForEach(Places, place => gradients[place] = odd);
            }

            step(state, parameters, gradients);
        }

        return parameters;
    }
}
