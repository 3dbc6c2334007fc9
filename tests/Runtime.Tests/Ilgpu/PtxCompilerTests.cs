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

    public static TheoryData<string, int, ElementType, ElementType> SixteenBitKernels =>
    [
        .. from kernel in (List<(string Rule, int Phase)>)[("adam", 0), ("lamb", 0), ("lamb", 1)]
           from parameter in Enum.GetValues<ElementType>()
           from gradient in Enum.GetValues<ElementType>()
           where (parameter, gradient) != (ElementType.Float32, ElementType.Float32)
           select (kernel.Rule, kernel.Phase, parameter, gradient),
    ];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Compile_Exact_HasNoLocalMemoryAndNothingToFuse(string rule, int phase, bool quantized) =>
        AssertExact(Kernel(rule, phase, quantized, ElementType.Float32, ElementType.Float32));

    [Theory]
    [MemberData(nameof(SixteenBitKernels))]
    public void Compile_SixteenBitElements_LoadsAndStoresSixteenBits(
        string rule, int phase, ElementType parameter, ElementType gradient)
    {
        string ptx = AssertExact(Kernel(rule, phase, quantized: true, parameter, gradient));
        bool writes = (rule, phase) != ("lamb", 0);

        Assert.Contains("ld.global.b16", ptx, StringComparison.Ordinal);
        Assert.Equal(
            writes && parameter != ElementType.Float32, ptx.Contains("st.global.b16", StringComparison.Ordinal));
        Assert.Equal(
            parameter == ElementType.Float16 || gradient == ElementType.Float16,
            ptx.Contains("cvt.f32.f16", StringComparison.Ordinal));
        Assert.Equal(
            writes && parameter == ElementType.Float16, ptx.Contains("cvt.rn.f16.f32", StringComparison.Ordinal));
    }

    private static DeviceKernel Kernel(
        string rule, int phase, bool quantized, ElementType parameter, ElementType gradient) => rule == "adam"
        ? DeviceKernels.Get<HandWrittenAdam>(0, phase, quantized ? StateFormat.Declared : StateFormat.Float32, parameter, gradient)!
        : DeviceKernels.Get<HandWrittenLamb>(0, phase, quantized ? StateFormat.Declared : StateFormat.Float32, parameter, gradient)!;

    private static string AssertExact(DeviceKernel kernel)
    {
        string ptx = PtxCompiler.Compile(kernel.Method, "sm_90", Precision.Exact);

        Assert.Contains($".entry Kernel_{kernel.Method.Name}", ptx, StringComparison.Ordinal);
        Assert.Contains("mul.rn.f32", ptx, StringComparison.Ordinal);
        Assert.Contains("sqrt.rn.f32", ptx, StringComparison.Ordinal);
        Assert.Contains("div.rn.f32", ptx, StringComparison.Ordinal);
        Assert.Empty(Fusible().Matches(ptx));
        Assert.DoesNotContain(".local", ptx, StringComparison.Ordinal);
        Assert.DoesNotContain(".extern", ptx, StringComparison.Ordinal);
        Assert.DoesNotContain("call", ptx, StringComparison.Ordinal);
        return ptx;
    }

    [Fact]
    public void Compile_FastKernelThatComputesBlocksTwice_HasNothingToFuse()
    {
        string ptx = PtxCompiler.Compile(HandWrittenAdam.GetDeviceKernel<Float32DeviceElement, Float32DeviceElement>(0, 0, StateFormat.Declared).Method, "sm_80", Precision.Fast);

        // Both passes must come to the same value.
        Assert.Empty(Fusible().Matches(ptx));
        Assert.Contains("sqrt.rn.f32", ptx, StringComparison.Ordinal);
    }

    [Fact]
    public void Compile_UnknownArchitecture_ThrowsWithTheKnownOnes()
    {
        ArgumentException exception = Assert.Throws<ArgumentException>(() => PtxCompiler.Compile(
            HandWrittenAdam.GetDeviceKernel<Float32DeviceElement, Float32DeviceElement>(0, 0, StateFormat.Declared).Method, "sm_12", Precision.Exact));

        Assert.Contains("sm_12", exception.Message, StringComparison.Ordinal);
        Assert.Contains("sm_90", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>Unrounded arithmetic, which ptxas may contract, or arithmetic contracted already.</summary>
    [GeneratedRegex(@"\b(add|sub|mul)\.f32|\b(fma|mad)\.(rn\.)?f32")]
    private static partial Regex Fusible();
}
