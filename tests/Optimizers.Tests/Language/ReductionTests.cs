namespace Requant.Optimizers.Tests.Language;

/// <summary>What each function of <see cref="Reduce"/> computes, and of which elements.</summary>
public class ReductionTests
{
    private static readonly float[] Gradient = [3f, float.NaN, -1f, float.PositiveInfinity, 4f];

    [Fact]
    public void Reductions_WithBadGradients_LeaveThemOut()
    {
        ParameterState state = Step(Gradient, out float[] parameter);

        Assert.Equal([4f, 2f, 3f], state.TensorStates);

        // Of (3, -1, 4) around their mean 2: 1, 9 and 4, on average 14 / 3.
        float expected = -(MathF.Sqrt(14f / 3f) + 4f);
        Assert.Equal([expected, 0f, expected, 0f, expected], parameter);
    }

    [Fact]
    public void Reductions_OfNothing_AreZero()
    {
        Assert.Equal([0f, 0f, 0f], Step([float.NaN, float.NegativeInfinity], out float[] parameter).TensorStates);
        Assert.Equal([0f, 0f], parameter);
        Assert.Equal([0f, 0f, 0f], Step([], out _).TensorStates);
    }

    [Fact]
    public void Max_OfNegativeValues_IsTheLargest() =>
        Assert.Equal(-1f, Step([-5f, -1f, -2f], out _).TensorStates["largest"]);

    [Fact]
    public void Mean_UsedTwice_IsReducedOnce() => Assert.Equal(
        [ReductionKind.Sum, ReductionKind.Sum, ReductionKind.Max, ReductionKind.Sum],
        Info<Reductions>().Reductions.Select(reduction => reduction.Kind));

    private static RuleInfo Info<TRule>() where TRule : IOptimizerRule<TRule> => TRule.Info;

    private static ParameterState Step(float[] gradient, out float[] parameter)
    {
        var optimizer = new Optimizer<Reductions>(new Reductions());
        ParameterState state = optimizer.Add("w", gradient.Length);
        parameter = new float[gradient.Length];
        optimizer.Step(state, parameter, gradient);
        return state;
    }
}
