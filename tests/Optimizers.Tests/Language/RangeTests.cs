using Requant.Tests;

namespace Requant.Optimizers.Tests.Language;

/// <summary>A hyperparameter outside its rule's range is an exception wherever it is set.</summary>
public sealed class RangeTests
{
    /// <summary>The shipped rules.</summary>
    public static TheoryData<string> Rules { get; } =
    [
        .. RuleTable.Names.Concat(RuleTable.MatrixNames)
            .Where(name => !name.Contains(',', StringComparison.Ordinal)),
    ];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Hyperparameters_OutOfRange_AreRefused(string rule) => RuleTable.With(rule, new Refusals());

    [Fact]
    public void Property_OutOfRange_ThrowsAndNamesIt()
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => new Adam { Beta2 = 1f });

        Assert.Equal("Beta2", exception.ParamName);
        Assert.Contains(
            "Beta2 is 1; it must be from 0 up to, not including, 1.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void With_OutOfRange_ThrowsAndTheOptimizerKeepsItsRule()
    {
        using var adam = new Optimizer<Adam>(new Adam { Lr = 0.5f });

        Assert.Throws<ArgumentOutOfRangeException>(() => adam.Rule = adam.Rule with { Lr = float.NaN });

        Assert.Equal(0.5f, adam.Rule.Lr);
    }

    /// <summary>0.99999999 is 1 in float32.</summary>
    [Fact]
    public void Value_ThatFloat32RoundsOutOfRange_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(
        () => Changed(new Adam(), "beta2", 0.99999999));

    [Fact]
    public void Hyperparameter_WithoutRange_IsFinite()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new NovoGrad { Lr = float.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => new NovoGrad { Eps = float.PositiveInfinity });
        Assert.Equal(-1f, new NovoGrad { Lr = -1f }.Lr);
    }

    [Fact]
    public void Record_WithRanges_StillComparesAndPrintsItsValues()
    {
        Assert.Equal(new Lion { Lr = 0.5f }, new Lion() with { Lr = 0.5f });
        Assert.NotEqual(new Lion(), new Lion { Lr = 0.5f });
        Assert.Contains("Lr = 0.5", new Lion { Lr = 0.5f }.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Step_HostValueNotFinite_ThrowsAndChangesNothing()
    {
        using var optimizer = new Optimizer<Corrected>(new Corrected { Beta = 1f });
        ParameterState state = optimizer.Add("w", 2);
        float[] parameter = [1f, 2f];

        var exception = Assert.Throws<NotFiniteNumberException>(() => optimizer.Step(state, parameter, [1f, 1f]));

        Assert.Contains(
            "In step 1 of 'w', rule Corrected computes stepSize = Infinity from lr 0.1, beta 1", exception.Message,
            StringComparison.Ordinal);
        Assert.Equal([1f, 2f], parameter);
        Assert.Equal(0, state.Step);
        optimizer.Rule = optimizer.Rule with { Beta = 0.5f };
        optimizer.Step(state, parameter, [1f, 1f]);
        Assert.All(parameter, value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void Step_AfterTheLastNumber_SaysSoAndChangesNothing()
    {
        using var optimizer = new Optimizer<Lion>(new Lion());
        ParameterState state = optimizer.Add("w", 1);
        state.Step = int.MaxValue;
        float[] parameter = [1f];

        string message = Assert.Throws<InvalidOperationException>(() => optimizer.Step(state, parameter, [1f])).Message;

        Assert.Contains("'w' has taken 2147483647 steps", message, StringComparison.Ordinal);
        Assert.Equal([1f], parameter);
    }

    /// <summary>What another kernel needs, or the side of a condition that is not taken, may be any number.</summary>
    [Theory]
    [InlineData(0f)]
    [InlineData(2f)]
    public void Step_HostValueThatIsNotUsed_MayBeInfinite(float clip)
    {
        using var optimizer = new Optimizer<Clipped>(new Clipped { Clip = clip });
        ParameterState state = optimizer.Add("w", 2);
        float[] parameter = [1f, 2f];

        optimizer.Step(state, parameter, [1f, 8f]);

        Assert.Equal([0f, clip == 0f ? -6f : 0f], parameter);
    }

    private static TRule Changed<TRule>(TRule rule, string name, double value) where TRule : IOptimizerRule<TRule> =>
        rule.WithHyperparameter(TRule.Info.IndexOfHyperparameter(name), value);

    /// <summary>Tries values that no rule, and values that this one cannot have.</summary>
    private sealed class Refusals : IRuleCheck
    {
        public void Run<TRule>(TRule rule) where TRule : IOptimizerRule<TRule>
        {
            foreach (HyperparameterInfo info in TRule.Info.Hyperparameters.Where(
                info => info.Kind == HyperparameterKind.Float))
            {
                Assert.Equal(info.Name != "dampening", info.Range != HyperparameterRange.Finite);
                List<double> refused = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e39];
                if (info.Range != HyperparameterRange.Finite)
                {
                    refused.AddRange([-1e-30, .. info.Range!.Value.Maximum == 1 ? [1, 0.99999999, 1.5] : (double[])[]]);
                }

                foreach (double value in refused)
                {
                    Assert.Throws<ArgumentOutOfRangeException>(() => Changed(rule, info.Name, value));
                    Assert.Throws<ArgumentOutOfRangeException>(() => info.Require(value));
                }
            }
        }
    }
}
