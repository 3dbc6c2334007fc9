using Requant.Cpu;
using Requant.Ilgpu;

namespace Requant.Conformance;

/// <summary>The rule of every function, beyond its cases in <see cref="BackendTests"/>.</summary>
public class FunctionTests
{
    /// <summary>NaN would agree with NaN everywhere, and show nothing.</summary>
    [Fact]
    public void EveryFunction_OverAFewSteps_StaysFiniteAndMovesEveryElement()
    {
        var data = new Case(Length: 4099, BlockSize: 256, Quantized: false, HasNonFinite: false);

        var run = Run.OnCpu(new EveryFunction(), data, SimdWidth.Scalar, threads: 1);

        Assert.All(run.Parameters, value => Assert.InRange(value, -3f, 3f));
        Assert.Equal(data.Length, run.Parameters.Zip(data.Parameters).Count(pair => pair.First != pair.Second));
    }

    [Theory]
    [InlineData("sm_70", true)]
    [InlineData("sm_90", true)]
    [InlineData("sm_90", false)]
    public void EveryFunction_AsPtx_HasNoExternsNoCallsAndNoLocalMemory(string architecture, bool quantized)
    {
        DeviceKernel kernel = KernelOf<EveryFunction>(quantized);

        string ptx = PtxCompiler.Compile(kernel.Method, architecture, Precision.Exact);

        Assert.DoesNotContain(".extern", ptx, StringComparison.Ordinal);
        Assert.DoesNotContain(".local", ptx, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\bcall\b", ptx);
        Assert.DoesNotMatch(@"\b(add|sub|mul)\.f32|\b(fma|mad)\.(rn\.)?f32", ptx);
    }

    private static DeviceKernel KernelOf<TRule>(bool quantized) where TRule : IOptimizerRule<TRule> =>
        TRule.GetDeviceKernel(variant: 0, phase: 0, quantized);
}
