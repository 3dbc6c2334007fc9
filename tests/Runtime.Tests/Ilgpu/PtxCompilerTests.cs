using System.Text.RegularExpressions;
using Requant.Ilgpu;
using Requant.Runtime.Tests.Handwritten;
using Xunit;

namespace Requant.Runtime.Tests.Ilgpu;

public partial class PtxCompilerTests
{
    public static TheoryData<string, int, bool> Kernels => new()
    {
        { "adam", 0, true }, { "adam", 0, false },
        { "lamb", 0, true }, { "lamb", 0, false }, { "lamb", 1, true }, { "lamb", 1, false },
    };

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Compile_Exact_HasNoLocalMemoryAndNothingToFuse(string rule, int phase, bool quantized)
    {
        DeviceKernel kernel = rule == "adam"
            ? HandWrittenAdam.GetDeviceKernel<Float32DeviceElement, Float32DeviceElement>(0, phase, quantized)
            : HandWrittenLamb.GetDeviceKernel<Float32DeviceElement, Float32DeviceElement>(0, phase, quantized);

        string ptx = PtxCompiler.Compile(kernel.Method, "sm_90", Precision.Exact);

        Assert.Contains($".entry Kernel_{kernel.Method.Name}", ptx, StringComparison.Ordinal);
        Assert.Contains("mul.rn.f32", ptx, StringComparison.Ordinal);
        Assert.Contains("sqrt.rn.f32", ptx, StringComparison.Ordinal);
        Assert.Contains("div.rn.f32", ptx, StringComparison.Ordinal);
        Assert.Empty(Fusible().Matches(ptx));
        Assert.DoesNotContain(".local", ptx, StringComparison.Ordinal);
        Assert.DoesNotContain(".extern", ptx, StringComparison.Ordinal);
        Assert.DoesNotContain("call", ptx, StringComparison.Ordinal);
    }

    [Fact]
    public void Compile_Fast_LeavesArithmeticFusible()
    {
        string ptx = PtxCompiler.Compile(HandWrittenAdam.GetDeviceKernel<Float32DeviceElement, Float32DeviceElement>(0, 0, true).Method, "sm_80", Precision.Fast);

        Assert.NotEmpty(Fusible().Matches(ptx));
    }

    [Fact]
    public void Compile_UnknownArchitecture_ThrowsWithTheKnownOnes()
    {
        ArgumentException exception = Assert.Throws<ArgumentException>(() => PtxCompiler.Compile(
            HandWrittenAdam.GetDeviceKernel<Float32DeviceElement, Float32DeviceElement>(0, 0, true).Method, "sm_12", Precision.Exact));

        Assert.Contains("sm_12", exception.Message, StringComparison.Ordinal);
        Assert.Contains("sm_90", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>Unrounded arithmetic, which ptxas may contract, or arithmetic contracted already.</summary>
    [GeneratedRegex(@"\b(add|sub|mul)\.f32|\b(fma|mad)\.(rn\.)?f32")]
    private static partial Regex Fusible();
}
