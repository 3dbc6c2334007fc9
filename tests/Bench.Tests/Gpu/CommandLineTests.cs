using Requant.Bench.Gpu;
using Requant.Bench.Gpu.Rules;
using Requant.Devices;
using Requant.Devices.Driver;

namespace Requant.Bench.Tests.Gpu;

/// <summary>The command line, and what it plans.</summary>
public class CommandLineTests
{
    [Theory]
    [InlineData("--only was given 'both'; it takes check or time.", "--only", "both")]
    [InlineData("--rules was given 'Adam,AdamX'. Any of Adam, ", "--rules", "Adam,AdamX")]
    [InlineData("--rules was given ','. Any of Adam, ", "--rules", ",")]
    [InlineData("--elements was given '0'; it takes a whole number of at least 1.", "--elements", "0")]
    [InlineData("--elements was given '1e9'; it takes a whole number of at least 1.", "--elements", "1e9")]
    [InlineData("--tensors was given '-3'; it takes a whole number of at least 1.", "--tensors", "-3")]
    [InlineData("--tensors was given '4G'; it takes a whole number of at least 1.", "--tensors", "4G")]
    [InlineData("--device was given 'first'; it takes a whole number of at least 0.", "--device", "first")]
    [InlineData("Unrecognized command or argument '--fast'.", "--fast")]
    public void Run_ArgumentNotUnderstood_IsNamedInOneLine(string message, params string[] arguments)
    {
        (int exitCode, _, string[] errors) = Run(arguments);

        Assert.Equal(GpuCommandLine.Usage, exitCode);
        Assert.StartsWith($"requant-gpu: {message}", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_JsonInNoFolder_IsNamed()
    {
        string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}", "gpu.json");

        (int exitCode, _, string[] errors) = Run("--json", file);

        Assert.Equal(GpuCommandLine.Usage, exitCode);
        Assert.Equal(
            $"requant-gpu: --json was given '{file}'; there is no folder '{Path.GetDirectoryName(file)}'.",
            Assert.Single(errors));
    }

    [Fact]
    public void Run_NoGpu_SaysSoInOneLineAndFails()
    {
        Assert.SkipWhen(CudaDriver.TryLoad(out _, out _), "There is a driver.");

        (int exitCode, string[] lines, string[] errors) = Run();

        Assert.Equal(GpuCommandLine.Failed, exitCode);
        Assert.Empty(lines);
        Assert.StartsWith("requant-gpu: CUDA cannot be used: ", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void DryRun_OneRule_ListsItsKernelsAndTheirSizes()
    {
        (int exitCode, string[] lines, string[] errors) = Run("--dry-run", "--rules", "lion", "--quick");

        Assert.Equal(0, exitCode);
        Assert.Empty(errors);

        // All formats of the first rule are checked or timed, of two types.
        Assert.Equal((5 * 2) + 1, lines.Length);
        Assert.All(lines[..^1], line => Assert.Matches(
            @"^Lion +(fp32|bf16) +(minifloat|dynamic|float32)( stochastic)? +variant 0 phase 0 +\d{4,} bytes", line));
        Assert.StartsWith("10 kernels for sm_90: ", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_Default_ChecksEveryRuleOfTheAssemblyOnEveryPair()
    {
        GpuPlan plan = GpuPlan.Create(new GpuOptions());

        Assert.Equal(18 * ((3 * 4) + (2 * 2)), plan.Checks.Distinct().Count());
        Assert.Equal(6 * 5 * 2, plan.Times.Distinct().Count());
        Assert.Equal(
            ("Adam fp32 minifloat", "Adam fp32 minifloat", "Adam bf16 minifloat"),
            ($"{plan.Checks[0]}", $"{plan.Times[0]}", $"{plan.Times[1]}"));
        Assert.Null(plan.Limit);
        Assert.Empty(plan.LeftOut);
    }

    [Fact]
    public void Plan_Quick_ChecksEveryRuleAndSaysWhatItLeavesOut()
    {
        GpuPlan plan = GpuPlan.Create(new GpuOptions { Quick = true });

        Assert.Equal(
            GpuRule.Shipped.Select(rule => rule.Name).Order(),
            plan.Checks.Select(one => one.Rule.Name).Distinct().Order());
        Assert.True(plan.Limit < TimeSpan.FromMinutes(4));
        Assert.NotEmpty(plan.LeftOut);
    }

    [Theory]
    [InlineData(nameof(GpuPart.Check), true, false)]
    [InlineData(nameof(GpuPart.Time), false, true)]
    public void Plan_OnlyOnePart_HasNothingOfTheOther(string part, bool hasChecks, bool hasTimes)
    {
        GpuPlan plan = GpuPlan.Create(new GpuOptions { Only = Enum.Parse<GpuPart>(part) });

        Assert.Equal((hasChecks, hasTimes), (plan.Checks.Count > 0, plan.Times.Count > 0));
    }

    [Fact]
    public void Plan_RuleThatIsNotTimedByDefault_IsTimedWhenAskedFor()
    {
        GpuPlan plan = GpuPlan.Create(new GpuOptions { Rules = ["AdEMAMix"] });

        Assert.All(plan.Checks.Concat(plan.Times), one => Assert.Equal("AdEMAMix", one.Rule.Name));
        Assert.NotEmpty(plan.Times);
    }

    private static (int ExitCode, string[] Lines, string[] Errors) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int exitCode = GpuCommandLine.Run(arguments, output, error, new PtxCache(folder: null));
        return (exitCode, Lines(output), Lines(error));
    }

    private static string[] Lines(StringWriter writer) =>
        writer.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
