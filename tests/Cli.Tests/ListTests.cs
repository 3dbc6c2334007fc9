using Xunit;

namespace Requant.Cli.Tests;

public class ListTests
{
    [Theory]
    [InlineData("Adadelta", "v:MiniFloatUnsigned/256 stochastic, deltaAvg:MiniFloatUnsigned/256 stochastic", "2.031",
        "1", "lr=1, rho=0.9, eps=1e-6, weightDecay=0")]
    [InlineData(
        "Adafactor",
        "(v:MiniFloatUnsigned/256 stochastic), (m:Dynamic/256), row:Float32/row, column:Float32/column", "0",
        "4",
        "lr=0.01, beta1=0, decay=0.8, eps=1e-30, minimalScale=0.001, clipping=1, weightDecay=0, relativeStep=true, "
        + "scaleParameter=true")]
    [InlineData("Muon", "m:Dynamic/256, (v:MiniFloatUnsigned/256 stochastic)", "1.016", "2",
        "lr=0.001, momentum=0.95, weightDecay=0.1, nesterov=true, steps=5, matchAdamW=true, adamW=false, beta1=0.9, "
        + "beta2=0.95, eps=1e-8")]
    [InlineData("Adagrad", "sum:MiniFloatUnsigned/256 stochastic", "1.016", "1",
        "lr=0.01, lrDecay=0, weightDecay=0, initialAccumulator=0, eps=1e-10")]
    [InlineData("Adamax", "m:Dynamic/256, u:MiniFloatUnsigned/256 stochastic", "2.031", "1",
        "lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8, weightDecay=0")]
    [InlineData("AdEMAMix", "m1:Dynamic/256, m2:Float32, v:MiniFloatUnsigned/256 stochastic", "6.031", "1",
        "lr=0.001, beta1=0.9, beta2=0.999, beta3=0.9999, alpha=5, eps=1e-8, weightDecay=0.01, tAlpha=0, tBeta3=0")]
    [InlineData("Lamb", "m:Dynamic/256, v:MiniFloatUnsigned/256 stochastic", "2.031", "2",
        "lr=0.001, beta1=0.9, beta2=0.999, eps=1e-6, weightDecay=0.01")]
    [InlineData(
        "Momentum", "m:Dynamic/256", "1.016", "1", "lr=0.001, beta=0.9, dampening=0, weightDecay=0, nesterov=false")]
    [InlineData("RMSProp", "v:MiniFloatUnsigned/256 stochastic, (gAvg:Dynamic/256), (buffer:Dynamic/256)", "1.016", "1",
        "lr=0.01, alpha=0.99, eps=1e-8, weightDecay=0, momentum=0, centered=false")]
    public void List_OwnOptimizers_DescribesEachInARow(
        string rule, string states, string bytes, string phases, string hyperparameters)
    {
        Invocation list = Invocation.Run("list");

        Assert.Equal((0, ""), (list.ExitCode, list.Error));
        Assert.Empty(list.Error);
        string[] expected = [rule, states, bytes, phases, hyperparameters];
        Assert.Contains(Rows(list), row => row.SequenceEqual(expected));
    }

    [Fact]
    public void List_OwnOptimizers_HasHeaderAndNothingElse()
    {
        string[][] rows = Rows(Invocation.Run("list"));

        Assert.Equal(["Rule", "States", "State bytes per parameter", "Phases", "Hyperparameters"], rows[0]);
        Assert.Equal(OwnRules.Names, rows[1..].Select(row => row[0]));
    }

    [Fact]
    public void List_UsersAssembly_ShowsItsRules()
    {
        Invocation list = Invocation.Run("list", "--assembly", Invocation.FirstRuleAssembly);

        Assert.Equal((0, ""), (list.ExitCode, list.Error));
        Assert.Equal(
            ["Lion", "m:Dynamic/256", "1.016", "1", "lr=0.0001, beta1=0.9, beta2=0.99, weightDecay=0"],
            Assert.Single(Rows(list)[1..]));
    }

    [Fact]
    public void List_RulesOfOneName_ShowsTheirNamespaces()
    {
        string[][] rows = Rows(Invocation.Run("list", "--assembly", Invocation.TwinRulesAssembly));

        Assert.Equal(
            ["Loose", "Slow", "Requant.Cli.Tests.Left.Twin", "Requant.Cli.Tests.Right.Twin"],
            rows[1..].Select(row => row[0]));
        Assert.Equal(["Loose", "m:Dynamic/64", "1.063", "1", "lr=0.001, warmup=10"], rows[1]);
    }

    [Fact]
    public void List_StateRoundedStochastically_SaysSo()
    {
        string[][] rows = Rows(Invocation.Run("list", "--assembly", Invocation.TwinRulesAssembly));

        const string States = "m:MiniFloat/128, v:MiniFloatUnsigned/128 stochastic, exact:Float32";
        Assert.Contains(rows, row => row.SequenceEqual(["Slow", States, "6.063", "1", "lr=0.001"]));
    }

    [Fact]
    public void List_AssemblyWithoutItsDependencies_ShowsTheRulesThatNeedNone()
    {
        string alone = Path.Combine(Directory.CreateTempSubdirectory("requant").FullName, "Alone.dll");
        File.Copy(Invocation.TwinRulesAssembly, alone);

        Invocation list = Invocation.Run("list", "--assembly", alone);

        Assert.Equal((0, ""), (list.ExitCode, list.Error));
        Assert.Equal(4, Rows(list)[1..].Length);
    }

    [Fact]
    public void List_CopyOfOwnAssembly_IsTheSame() => Assert.Equal(
        Invocation.Run("list"), Invocation.Run("list", "--assembly", typeof(Optimizers.Adam).Assembly.Location));

    /// <summary>Cells of a table are two spaces or more apart, and have at most one within.</summary>
    private static string[][] Rows(Invocation list) =>
        [.. list.Output.TrimEnd().Split('\n')
            .Select(line => line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
}
