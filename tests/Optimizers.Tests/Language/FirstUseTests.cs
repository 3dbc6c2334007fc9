namespace Requant.Optimizers.Tests.Language;

/// <summary>A state's first step is the first that uses it, not the tensor's.</summary>
public sealed class FirstUseTests
{
    private const int Length = 5000;

    [Fact]
    public void IsFirst_StateBroughtIntoUseLater_IsTrueOnceThen()
    {
        using var optimizer = new Optimizer<LateStart>(new LateStart { Beta = 0f }, Float32);
        ParameterState state = optimizer.Add("w", 1);
        float[] parameter = [0f];

        optimizer.Step(state, parameter, [1f]);
        optimizer.Rule = optimizer.Rule with { Beta = 0.5f };
        Assert.False(state.States["m"].IsUsed);
        optimizer.Step(state, parameter, [1f]);
        Assert.Equal([-2f], parameter);
        Assert.Equal([1f], state.States["m"].Values);
        optimizer.Step(state, parameter, [1f]);
        Assert.Equal([0.75f], state.States["m"].Values);
        optimizer.Rule = optimizer.Rule with { Beta = 0f };
        optimizer.Step(state, parameter, [1f]);
        optimizer.Rule = optimizer.Rule with { Beta = 0.5f };
        optimizer.Step(state, parameter, [1f]);
        Assert.Equal([0.625f], state.States["m"].Values);
    }

    /// <summary>As if the state had never been used: values of 0 alone do not say so.</summary>
    [Fact]
    public void Clear_OfAState_MakesTheNextStepItsFirst()
    {
        using var optimizer = new Optimizer<LateStart>(new LateStart(), Float32);
        ParameterState state = optimizer.Add("w", 1);
        float[] parameter = [0f];
        optimizer.Step(state, parameter, [0f]);
        optimizer.Step(state, parameter, [1f]);
        Assert.Equal([0.25f], state.States["m"].Values);

        state.States["m"].Clear();
        optimizer.Step(state, parameter, [1f]);

        Assert.Equal([1f], state.States["m"].Values);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Load_GoesOnWithTheSameBits(bool isInUse, bool isUsed)
    {
        string path = Path.GetTempFileName();
        try
        {
            using var source = new Optimizer<LateStart>(new LateStart { Beta = 0f });
            using var target = new Optimizer<LateStart>(new LateStart());
            float[][] parameters = [new float[Length], new float[Length]];
            ParameterState[] states = [source.Add("w", Length), target.Add("w", Length)];
            source.Step(states[0], parameters[0], Gradient(1));
            target.Step(states[1], parameters[1], Gradient(2));
            source.Rule = source.Rule with { Beta = isInUse ? 0.5f : 0f };
            if (isUsed)
            {
                source.Step(states[0], parameters[0], Gradient(3));
            }

            source.Save(path);
            target.Load(path);

            Assert.Equal(isUsed, states[1].States["m"].IsUsed);
            parameters[0].CopyTo(parameters[1], 0);
            foreach ((Optimizer<LateStart> optimizer, int index) in new[] { (source, 0), (target, 1) })
            {
                optimizer.Rule = optimizer.Rule with { Beta = 0.5f };
                optimizer.Step(states[index], parameters[index], Gradient(4));
                optimizer.Step(states[index], parameters[index], Gradient(5));
            }

            Assert.Equal(parameters[0], parameters[1]);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Tensors of one step may differ in it.</summary>
    [Fact]
    public void Step_OfTensorsThatDiffer_TakesEachAsItIs()
    {
        using var optimizer = new Optimizer<LateStart>(new LateStart(), Float32);
        ParameterState early = optimizer.Add("early", 1);
        ParameterState late = optimizer.Add("late", 1);
        float[] parameters = [0f, 0f];
        float[] gradients = [1f, 1f];
        optimizer.Step(early, parameters.AsSpan(0, 1), gradients.AsSpan(0, 1));
        late.Step = early.Step;

        StepBoth(optimizer, early, late, parameters, gradients);

        Assert.Equal([0.75f], early.States["m"].Values);
        Assert.Equal([1f], late.States["m"].Values);
    }

    private static OptimizerOptions Float32 => new() { Codecs = StateCodecs.Float32 };

    private static unsafe void StepBoth(
        Optimizer<LateStart> optimizer, ParameterState first, ParameterState second, float[] parameters,
        float[] gradients)
    {
        fixed (float* parameter = parameters)
        fixed (float* gradient = gradients)
        {
            optimizer.Step(
                new TensorUpdate(first, (nint)parameter, (nint)gradient),
                new TensorUpdate(second, (nint)(parameter + 1), (nint)(gradient + 1)));
        }
    }

    private static float[] Gradient(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Length).Select(_ => random.NextSingle() - 0.5f)];
    }
}
