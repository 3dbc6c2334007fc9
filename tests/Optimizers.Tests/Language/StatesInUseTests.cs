using Requant.CompilerServices;

namespace Requant.Optimizers.Tests.Language;

/// <summary>States and reductions that hyperparameters do not need cost neither memory nor time.</summary>
public class StatesInUseTests
{
    private const int Length = 5000;

    [Theory]
    [InlineData(false, 0, new[] { true, false, false })]
    [InlineData(true, 0, new[] { true, true, false })]
    [InlineData(false, 3, new[] { true, false, true })]
    [InlineData(true, 3, new[] { true, true, true })]
    public void Add_AllocatesWhatIsUsedAtAnyStep(bool useSecond, int from, bool[] expected)
    {
        using var optimizer = new Optimizer<Optional>(new Optional { UseSecond = useSecond, From = from });
        ParameterState state = optimizer.Add("w", Length);

        Assert.Equal(expected, state.States.Select(one => one.IsAllocated));
        long bytes = Length + (20 * sizeof(float));
        Assert.Equal(expected.Count(isUsed => isUsed) * bytes, state.StateBytes);
    }

    [Fact]
    public void Momentum_WithoutBeta_HasNoState()
    {
        using var optimizer = new Optimizer<Momentum>(new Momentum { Beta = 0f });
        ParameterState state = optimizer.Add("w", Length);
        optimizer.Step(state, new float[Length], new float[Length]);

        Assert.Equal(0, state.StateBytes);
        Assert.Contains("not in use", state.States["m"].ToString(), StringComparison.Ordinal);
        Assert.Contains(
            "not in use", Assert.Throws<InvalidOperationException>(() => state.States["m"].Codes.Length).Message,
            StringComparison.Ordinal);
        var values = new float[Length];
        Array.Fill(values, 1f);
        state.States["m"].Dequantize(values);
        Assert.All(values, value => Assert.Equal(0f, value));
    }

    [Fact]
    public void Rule_SetToUseAnotherState_AllocatesItForAllParameters()
    {
        using var optimizer = new Optimizer<Optional>(new Optional());
        ParameterState early = optimizer.Add("early", Length);
        optimizer.Rule = optimizer.Rule with { UseSecond = true };
        ParameterState late = optimizer.Add("late", Length);
        var gradient = new float[Length];
        Array.Fill(gradient, 1f);

        optimizer.Step(early, new float[Length], gradient);
        optimizer.Step(late, new float[Length], gradient);
        optimizer.Rule = optimizer.Rule with { UseSecond = false };
        optimizer.Step(early, new float[Length], gradient);

        Assert.True(early.States["second"].IsAllocated);
        Assert.Equal(early.States["second"].Codes, late.States["second"].Codes);
    }

    [Fact]
    public void SetCodes_OfUnusedState_AllocatesIt()
    {
        using var optimizer = new Optimizer<Optional>(new Optional());
        ParameterState state = optimizer.Add("w", Length);
        state.States["second"].SetAbsmax(3, [2f]);
        state.States["second"].SetCodes(3 * 256, [255]);

        var values = new float[Length];
        state.States["second"].Dequantize(values);
        Assert.Equal(2f, values[3 * 256]);
        Assert.Equal(2f, values.Sum());
        state.States["second"].Clear();
        state.States["second"].Dequantize(values);
        Assert.All(values, value => Assert.Equal(0f, value));
    }

    [Fact]
    public void Reduction_ThatNoFlagNeeds_HasNoKernel()
    {
        Assert.Null(FirstPhase(new Optional()));
        Assert.NotNull(FirstPhase(new Optional { Clip = true }));
    }

    [Fact]
    public void EarlyReturn_BeforeItsStep_LeavesTheElementAsItIs()
    {
        using var optimizer = new Optimizer<Optional>(new Optional { From = 3 });
        ParameterState state = optimizer.Add("w", 1);
        float[] parameter = [1f];
        optimizer.Step(state, parameter, [1f]);
        optimizer.Step(state, parameter, [1f]);

        Assert.Equal(1f, parameter[0]);
        Assert.Equal([0f], state.States["later"].Values);
        optimizer.Step(state, parameter, [1f]);
        Assert.Equal(1f - (0.1f * ((0.9f * ((0.9f * 1f) + 1f)) + 1f)), parameter[0]);
    }

    private static BlockKernel? FirstPhase<TRule>(TRule rule) where TRule : IOptimizerRule<TRule> =>
        TRule.GetCpuKernel(
            rule.SelectVariant(new TensorStep { Step = 1, UnusedStates = -1 }), 0, SimdWidth.Scalar,
            StateFormat.Declared);
}
