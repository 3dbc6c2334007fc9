using Xunit;

namespace Requant.Cli.Tests;

public class InspectTests
{
    public static TheoryData<string, string, string> Listings { get; } = new AllListings();

    [Theory]
    [MemberData(nameof(Listings))]
    public void Inspect_EveryRuleAndKind_ShowsItsText(string rule, string kind, string expected)
    {
        Invocation inspect = Invocation.Run("inspect", rule, "--as", kind);

        Assert.Equal((0, ""), (inspect.ExitCode, inspect.Error));
        Assert.Empty(inspect.Error);
        Assert.Contains(expected, inspect.Output, StringComparison.Ordinal);
        Assert.Contains(rule, inspect.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Inspect_WithoutKind_ShowsScalar() =>
        Assert.Equal(Invocation.Run("inspect", "Adam", "--as", "scalar"), Invocation.Run("inspect", "Adam"));

    [Theory]
    [InlineData("lamb")]
    [InlineData("LAMB")]
    [InlineData("Requant.Optimizers.Lamb")]
    [InlineData("requant.optimizers.lamb")]
    public void Inspect_NameInAnyForm_FindsTheRule(string name) =>
        Assert.StartsWith(
            "rule Lamb\n", Invocation.Run("inspect", name, "--as", "IR").Output, StringComparison.Ordinal);

    [Theory]
    [InlineData("ir", "rule Lion")]
    [InlineData("scalar", "namespace Requant.Samples.FirstRule.RequantKernels")]
    [InlineData("simd", "Vector512.Create(")]
    [InlineData("ptx", ".visible .entry Kernel_Update(")]
    public void Inspect_UsersAssembly_ShowsItsRule(string kind, string expected)
    {
        Invocation inspect = Invocation.Run(
            "inspect", "lion", "--assembly", Invocation.FirstRuleAssembly, "--as", kind);

        Assert.Equal((0, ""), (inspect.ExitCode, inspect.Error));
        Assert.Contains(expected, inspect.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ir", "\nstate v is rounded stochastically\n")]
    [InlineData("rule", "Codec.MiniFloatUnsigned, Rounding = global::Requant.StateRounding.Stochastic }")]
    public void Inspect_StateRoundedStochastically_SaysSo(string kind, string expected)
    {
        Invocation inspect = Invocation.Run(
            "inspect", "slow", "--assembly", Invocation.TwinRulesAssembly, "--as", kind);

        Assert.Equal((0, ""), (inspect.ExitCode, inspect.Error));
        Assert.Equal(2, inspect.Output.Split(expected).Length);
    }

    [Fact]
    public void Inspect_RulesOfOneName_AsksForTheNamespace()
    {
        Invocation inspect = Invocation.Run("inspect", "twin", "--assembly", Invocation.TwinRulesAssembly);

        Assert.Equal(1, inspect.ExitCode);
        Assert.Empty(inspect.Output);
        Assert.Contains(
            "Requant.Cli.Tests.Left.Twin, Requant.Cli.Tests.Right.Twin", inspect.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Left", "newP = p - lr * g;")]
    [InlineData("Right", "newP = p + lr * g;")]
    public void Inspect_RulesOfOneName_FindsEachByItsNamespace(string side, string update)
    {
        Invocation inspect = Invocation.Run(
            "inspect", $"Requant.Cli.Tests.{side}.Twin", "--assembly", Invocation.TwinRulesAssembly);

        Assert.Equal((0, ""), (inspect.ExitCode, inspect.Error));
        Assert.Contains(update, inspect.Output, StringComparison.Ordinal);
    }

    /// <summary>Requant's optimizers in all kinds but PTX, with what tells a kind.</summary>
    private sealed class AllListings : TheoryData<string, string, string>
    {
        public AllListings()
        {
            foreach (string rule in OwnRules.Names)
            {
                Add(rule, "ir", $"rule {rule}\n%0 = parameter : float ; p");
                Add(rule, "rule", $"public sealed partial record {rule} : global::Requant.IOptimizerRule<{rule}>");
                Add(rule, "scalar", "public static class Scalar");
                Add(rule, "simd", "public static class Simd512");
                Add(rule, "ilgpu", "LaunchParameters launch");
            }
        }
    }
}
