using Requant.CompilerServices;
using Requant.Devices;
using Requant.Tests;

namespace Requant.Conformance;

/// <summary>The rule of every function, beyond its cases in <see cref="BackendTests"/>.</summary>
public class FunctionTests
{
    /// <summary>NaN would agree with NaN everywhere, and show nothing.</summary>
    [Fact]
    public void EveryFunction_OverAFewSteps_StaysFiniteAndMovesEveryElement()
    {
        var random = new Random(20241);
        float[] Values() => [.. Enumerable.Range(0, 4099).Select(_ => random.NextSingle() - 0.5f)];
        using var optimizer = new Optimizer<EveryFunction>(
            new EveryFunction(),
            new OptimizerOptions { SimdWidth = SimdWidth.Scalar, MinQuantizedLength = long.MaxValue });
        float[] parameters = Values();
        float[] before = [.. parameters];
        ParameterState state = optimizer.Add("w", parameters.Length);
        for (int step = 0; step < 3; step++)
        {
            optimizer.Step(state, parameters, Values());
        }

        Assert.All(parameters, value => Assert.InRange(value, -3f, 3f));
        Assert.Equal(parameters.Length, parameters.Zip(before).Count(pair => pair.First != pair.Second));
    }

    public static TheoryData<string, bool> Compiled =>
        LongRun.Of<TheoryData<string, bool>>([("sm_70", true)], [("sm_70", true), ("sm_90", true), ("sm_90", false)]);

    [Theory]
    [MemberData(nameof(Compiled))]
    public void EveryFunction_AsPtx_HasNoExternsNoCallsAndNoLocalMemory(string architecture, bool quantized)
    {
        DeviceKernel kernel = KernelOf<EveryFunction>(quantized);

        string ptx = PtxCompiler.Compile(kernel.Method, architecture);

        Assert.DoesNotContain(".extern", ptx, StringComparison.Ordinal);
        Assert.DoesNotContain(".local", ptx, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\bcall\b", ptx);
        Assert.DoesNotMatch(@"\b(add|sub|mul)\.f32|\b(fma|mad)\.(rn\.)?f32", ptx);
    }

    private static DeviceKernel KernelOf<TRule>(bool quantized) where TRule : IOptimizerRule<TRule> =>
        DeviceKernels.Get<TRule>(
            variant: 0, phase: 0, quantized ? StateFormat.Declared : StateFormat.Float32, ElementType.Float32,
            ElementType.Float32)!;
}
