using Requant.Runtime.Tests.Support;

namespace Requant.Runtime.Tests.Steps;

/// <summary>Steps on 16-bit arrays by the typed methods. All backends and types are in tests/Conformance.</summary>
public sealed class OptimizerElementTypeTests
{
    /// <summary>Several blocks, and no vector width divides it.</summary>
    private const int Length = 5003;

    public static TheoryData<SimdWidth> Widths => [.. SimdWidths.Supported];

    [Theory]
    [MemberData(nameof(Widths))]
    public void Step_ArraysOfAnyType_IsTheFloat32StepRounded(SimdWidth width)
    {
        AssertRounded(width, (Half x) => (float)x, x => (Half)x, (Half x) => (float)x, x => (Half)x);
        AssertRounded(width, (Half x) => (float)x, x => (Half)x, (float x) => x, x => x);
        AssertRounded(width, (float x) => x, x => x, (Half x) => (float)x, x => (Half)x);
        AssertRounded(width, (BFloat16 x) => x, x => (BFloat16)x, (BFloat16 x) => x, x => (BFloat16)x);
        AssertRounded(width, (BFloat16 x) => x, x => (BFloat16)x, (Half x) => (float)x, x => (Half)x);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Step_ParameterBeyondFloat16_IsInfiniteAsRoundingSays(SimdWidth width)
    {
        // On its first step Adam moves each parameter by lr. 65520 lies between the largest float16 and 2^16.
        using var adam = new Optimizer<Adam>(
            new Adam { Lr = 100f }, new OptimizerOptions { SimdWidth = width });
        ParameterState state = adam.Add("w", 20);
        Half[] parameters = [.. Enumerable.Range(0, 20).Select(i => (Half)(i % 2 == 0 ? 65_440f : -65_376f))];
        Half[] gradients = [.. Enumerable.Range(0, 20).Select(i => (Half)(i % 2 == 0 ? -1f : 1f))];

        adam.Step(state, parameters, gradients);

        Assert.Equal(
            Enumerable.Range(0, 20).Select(i => i % 2 == 0 ? Half.PositiveInfinity : (Half)(-65_472f)), parameters);
    }

    [Fact]
    public void Step_GradientBeyondFloat16_IsSkippedAndCounted()
    {
        using var adam = new Optimizer<Adam>(new Adam());
        ParameterState state = adam.Add("w", 3);
        Half[] parameters = [(Half)1f, (Half)2f, (Half)3f];
        Half[] gradients = [(Half)1f, (Half)70_000f, (Half)1f];

        adam.Step(state, parameters, gradients);

        Assert.Equal(1, adam.SkippedElements);
        Assert.Equal((Half)2f, parameters[1]);
        Assert.Equal(0f, state.States["m"].Values[1]);
        Assert.NotEqual((Half)1f, parameters[0]);
    }

    [Fact]
    public unsafe void StepBatch_TensorsOfSeveralTypes_GivesEachWhatItGetsAlone()
    {
        Half[] halves = Array.ConvertAll(Values(seed: 1), value => (Half)value);
        BFloat16[] numbers = Array.ConvertAll(Values(seed: 2), value => (BFloat16)value);
        float[] singles = Values(seed: 3);
        Half[] gradients = Array.ConvertAll(Values(seed: 4), value => (Half)value);
        Half[] halvesAlone = [.. halves];
        BFloat16[] numbersAlone = [.. numbers];
        float[] singlesAlone = [.. singles];
        using var adam = new Optimizer<Adam>(new Adam(), new OptimizerOptions { MaxThreads = 2 });
        ParameterState[] states = [.. Enumerable.Range(0, 6).Select(i => adam.Add($"w{i}", Length))];

        adam.Step<Half, Half>(states[0], halvesAlone, gradients);
        adam.Step<BFloat16, Half>(states[1], numbersAlone, gradients);
        adam.Step<float, Half>(states[2], singlesAlone, gradients);
        fixed (Half* half = halves, gradient = gradients)
        fixed (BFloat16* number = numbers)
        fixed (float* single = singles)
        {
            adam.Step(
                new TensorUpdate(states[3], (nint)half, (nint)gradient, ElementType.Float16, ElementType.Float16),
                new TensorUpdate(states[4], (nint)number, (nint)gradient, ElementType.BFloat16, ElementType.Float16),
                new TensorUpdate(states[5], (nint)single, (nint)gradient, GradientType: ElementType.Float16));
        }

        Assert.Equal(halvesAlone, halves);
        Assert.Equal(numbersAlone, numbers);
        Assert.Equal(singlesAlone, singles);
    }

    private static void AssertRounded<TParameter, TGradient>(
        SimdWidth width, Func<TParameter, float> widenParameter, Func<float, TParameter> roundParameter,
        Func<TGradient, float> widenGradient, Func<float, TGradient> roundGradient)
        where TParameter : unmanaged
        where TGradient : unmanaged
    {
        using var adam = new Optimizer<Adam>(
            new Adam { Lr = 0.1f, WeightDecay = 0.1f }, new OptimizerOptions { SimdWidth = width });
        ParameterState state = adam.Add("w", Length);
        ParameterState referenceState = adam.Add("reference", Length);
        TParameter[] parameters = [.. Values(seed: 1).Select(roundParameter)];
        TGradient[] gradients = [.. Values(seed: 2).Select(roundGradient)];
        float[] reference = [.. parameters.Select(widenParameter)];

        adam.Step(state, parameters, gradients);
        adam.Step(referenceState, reference, [.. gradients.Select(widenGradient)]);

        Assert.Equal(reference.Select(roundParameter), parameters);
        Assert.Equal(referenceState.States["m"].Codes, state.States["m"].Codes);
    }

    private static float[] Values(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Length)
            .Select(_ => (random.NextSingle() - 0.5f) * MathF.Pow(10f, random.Next(-4, 2)))];
    }
}
