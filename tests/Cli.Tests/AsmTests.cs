using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Xunit;

namespace Requant.Cli.Tests;

public partial class AsmTests
{
    public static TheoryData<SimdWidth, string> Widths =>
    [
        .. SimdWidths.Supported.Select(
            width => (width, width == SimdWidth.Scalar ? "Scalar" : $"Simd{(int)width * 32}")),
    ];

    [Theory, MemberData(nameof(Widths))]
    public void Asm_EveryWidth_ListsTheKernelAndNothingElse(SimdWidth width, string type)
    {
        Invocation inspect = Invocation.Run(
            "inspect", "adamw", "--as", "asm", "--width", $"{width}".ToUpperInvariant());

        Assert.Equal((0, ""), (inspect.ExitCode, inspect.Error));
        Assert.StartsWith(
            $"; Requant.Optimizers.AdamW: {width}, 8-bit states", inspect.Output, StringComparison.Ordinal);
        string inner = width == SimdWidth.Scalar ? "UpdateElement" : "UpdateVectors";
        Assert.Equal([$"{type}.{inner}", $"{type}.UpdateBlock", $"{type}.Update"],
            Heading().Matches(inspect.Output).Select(match => match.Groups[1].Value));
        Assert.DoesNotContain("Assembly listing", inspect.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("offset=", inspect.Output, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\n\n\n|[ \t]\n", inspect.Output);
    }

    [Fact]
    public void Asm_WithoutWidth_IsOfTheWidest() => Assert.Equal(
        Invocation.Run("inspect", "lion", "--as", "asm", "--width", $"{SimdWidths.Widest}"),
        Invocation.Run("inspect", "lion", "--as", "asm"));

    [Theory]
    [InlineData("Vector128", "xmm")]
    [InlineData("Vector256", "ymm")]
    [InlineData("Vector512", "zmm")]
    public void Asm_InnerLoop_DividesVectorsOfTheWidth(string width, string register)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64
            || !SimdWidths.Supported.Contains(Enum.Parse<SimdWidth>(width)))
        {
            Assert.Skip($"This machine has no {width} with registers {register}.");
        }

        string inner = Invocation.Run("inspect", "adamw", "--as", "asm", "--width", width).Output
            .Split("\n; ").Single(part => part.Contains(".UpdateVectors:", StringComparison.Ordinal));

        Assert.Matches($@"\n +v?divps +{register}\d", inner);
        Assert.DoesNotContain("call ", inner, StringComparison.Ordinal);
    }

    [Fact]
    public void Asm_RuleWithReduction_ListsEveryPhase()
    {
        string output = Invocation.Run("inspect", "lamb", "--as", "asm").Output;

        Assert.Contains("phase 0 of 2", output, StringComparison.Ordinal);
        Assert.Contains("phase 1 of 2", output, StringComparison.Ordinal);
        Assert.Equal(6, Heading().Count(output));
    }

    [Fact]
    public void Asm_Variant_IsTheOneAskedFor()
    {
        string output = Invocation.Run("inspect", "adamw", "--as", "asm", "--variant", "1").Output;

        Assert.Contains("; variant 1 of 2 (asked for), phase 0 of 1", output, StringComparison.Ordinal);
        Assert.Contains(".UpdateAmsgradVectors: ", output, StringComparison.Ordinal);
        Assert.DoesNotContain(".UpdateVectors: ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Asm_UsersAssembly_ShowsItsRule()
    {
        Invocation inspect = Invocation.Run(
            "inspect", "lion", "--assembly", Invocation.FirstRuleAssembly, "--as", "asm");

        Assert.Equal((0, ""), (inspect.ExitCode, inspect.Error));
        Assert.StartsWith("; Requant.Samples.FirstRule.Lion: ", inspect.Output, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^; (\w+\.\w+): \d+ bytes for .+$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
