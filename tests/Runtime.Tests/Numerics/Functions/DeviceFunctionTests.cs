using System.Text.RegularExpressions;
using ILGPU;
using ILGPU.Runtime;
using Requant.CompilerServices;
using Requant.Runtime.Tests.Devices;
using Requant.Runtime.Tests.Support;

namespace Requant.Runtime.Tests.Numerics.Functions;

/// <summary>Functions inside kernels of ILGPU.</summary>
[Collection("accelerator")]
public partial class DeviceFunctionTests(AcceleratorFixture fixture)
{
    private const int GroupSize = 32;

    [Fact]
    public void Functions_InKernel_GiveTheBitsOfTheCpu()
    {
        float[] x = [.. Arguments.Edges, .. new float[-Arguments.Edges.Length & (GroupSize - 1)]];
        float[] y = [.. x.Reverse()];
        using MemoryBuffer1D<float, Stride1D.Dense> first = fixture.Accelerator.Allocate1D(x);
        using MemoryBuffer1D<float, Stride1D.Dense> second = fixture.Accelerator.Allocate1D(y);
        using MemoryBuffer1D<float, Stride1D.Dense> results = fixture.Accelerator.Allocate1D<float>(
            x.Length * FunctionKernels.Count);
        Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>> launch = fixture.Accelerator
            .LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>>(FunctionKernels.All);

        launch(new KernelConfig(x.Length / GroupSize, GroupSize), first.View, second.View, results.View);

        float[] actual = results.GetAsArray1D();
        for (int i = 0; i < x.Length; i++)
        {
            float[] expected = OnCpu(x[i], y[i]);
            for (int k = 0; k < FunctionKernels.Count; k++)
            {
                float found = actual[(i * FunctionKernels.Count) + k];
                bool same = BitConverter.SingleToInt32Bits(expected[k]) == BitConverter.SingleToInt32Bits(found)
                    || (float.IsNaN(expected[k]) && float.IsNaN(found));
                Assert.True(same, $"function {k} of {x[i]:R}, {y[i]:R} is {found:R} instead of {expected[k]:R}");
            }
        }
    }

    [Theory]
    [InlineData("sm_70")]
    [InlineData("sm_90")]
    public void Functions_AsPtx_NeedNothingElse(string architecture)
    {
        string ptx = PtxCompiler.Compile(
            ((Action<ArrayView<float>, ArrayView<float>, ArrayView<float>>)FunctionKernels.All).Method, architecture);

        Assert.Contains(".entry Kernel_All", ptx, StringComparison.Ordinal);
        Assert.DoesNotContain(".extern", ptx, StringComparison.Ordinal);
        Assert.DoesNotContain(".local", ptx, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\bcall\b", ptx);
        Assert.DoesNotMatch(@"\.(ftz|approx)\b", ptx);
        Assert.Empty(Fusible().Matches(ptx));
    }

    private static float[] OnCpu(float x, float y) =>
    [
        ElementMath.Exp(x), ElementMath.Log(x), ElementMath.Log2(x), ElementMath.Log10(x), ElementMath.Cbrt(x),
        ElementMath.Tanh(x), ElementMath.Sin(x), ElementMath.Cos(x), ElementMath.Pow(x, y), MathF.Floor(x),
        MathF.Ceiling(x), MathF.Round(x), MathF.Truncate(x), MathF.CopySign(x, y), ElementMath.Clamp(x, y, 1f),
        ElementMath.Sign(x), MathF.FusedMultiplyAdd(x, y, 1f), MathF.Min(x, y), MathF.Max(x, y),
        ElementMath.Tan(x), ElementMath.Asin(x), ElementMath.Atan2(x, y),
    ];

    /// <summary>Unrounded arithmetic, which ptxas may contract, or arithmetic contracted already.</summary>
    [GeneratedRegex(@"\b(add|sub|mul)\.f32|\b(fma|mad)\.(rn\.)?f32")]
    private static partial Regex Fusible();
}
