using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Requant.Generator.Tests.Harness;
using Xunit;

namespace Requant.Generator.Tests;

/// <summary>Warnings leave the rule as it is: it still becomes an optimizer.</summary>
public sealed class WarningTests
{
    private const string Class =
        "using System; using Requant; public static class Rules { [OptimizerRule] public static void ";

    public static TheoryData<string, string> Cases { get; } = new()
    {
        { "REQ0013",
            Class + "Rule(ref float p, float g, float lr = 1f, bool [|nesterov|] = false) { p -= lr * g; } }" },
        { "REQ0013", Class + "Rule(ref float p, float g, int [|k|] = 1) { float unused = k * g; p -= g; } }" },
        { "REQ0013",
            Class + "Rule(ref float p, float g, float [|lr|] = 1f) { if (lr > 0) p -= g; else p -= g; p = g; } }" },
        { "REQ1019", Class + "Rule(ref float p, float g) { p -= [|MathF.Pow(g, 2)|]; } }" },
        { "REQ1019", Class
            + "Rule(ref float p, float g) { float third = 1f / 3; p -= [|MathF.Pow(g, -0.5f)|] + [|MathF.Pow(g, "
            + "third)|]; } }" },
        { "REQ2007", Class + "Rule(ref float p, float g, [State] ref float [|m|]) { m = g; p -= g; } }" },
        { "REQ2007", Class + "Rule(ref float p, float g, [State] ref float [|m|]) { m = 0.9f * m + g; p -= g; } }" },
        { "REQ2007", Class
            + "Rule(ref float p, float g, [State] ref float m, [State] ref float [|v|]) { v = v + m; "
            + "m = 0.9f * m + g; p -= m; } }" },
        { "REQ2007", Class + "Rule(ref float p, float g, [State] ref float [|m|]) { p -= g; } }" },
        { "REQ2007", Class
            + "Rule(ref float p, float g, [RowState] ref float [|r|]) { r = Reduce.RowMax(g); p -= g; } }" },
        { "REQ1021", Class + "Rule(ref float p, float g) { p -= [|Shape.Rows / Shape.Columns|] * g; } }" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Rule_WithSomethingUseless_IsWarnedOfAndCompiles(string id, string source) =>
        DiagnosticAssert.Reported(id, source, generatedRules: 1);

    [Fact]
    public void Warning_DisabledByPragma_IsNotReported()
    {
        const string Source = Class + "Rule(ref float p, float g, [State] ref float m) { m = g; p -= g; } }";

        Assert.Equal("REQ2007", Assert.Single(Reported(Source)).Id);
        Assert.Empty(Reported("#pragma warning disable REQ2007\n" + Source));
    }

    /// <summary>What the compiler shows, with pragmas taken into account.</summary>
    private static ImmutableArray<Diagnostic> Reported(string source)
    {
        GeneratorRun run = GeneratorRun.Of(source);
        _ = run.Driver.RunGeneratorsAndUpdateCompilation(
            run.Input, out _, out ImmutableArray<Diagnostic> diagnostics, TestContext.Current.CancellationToken);
        return [.. diagnostics.Where(found => !found.IsSuppressed)];
    }

    [Theory]
    [InlineData("Rule(ref float p, float g, [State] ref float m, [State] ref float v) { v = v + g; "
        + "m = 0.9f * m + v; p -= m; } }")]
    [InlineData("Rule(ref float p, float g, [State] ref float m, [TensorState] ref float d) { d = d + Reduce.Sum(m); "
        + "m = g; p -= d; } }")]
    [InlineData("Rule(ref float p, float g, [State] ref float m, bool on = false, float beta = 0.9f) { if (on) { "
        + "m = beta * m + g; p -= m; } else { p -= g; } } }")]
    [InlineData("Rule(ref float p, float g, float beta = 0.9f, float power = 2f) { p -= MathF.Pow(g, power) + "
        + "MathF.Pow(2f, g) + MathF.Pow(beta, 2f); } }")]
    [InlineData("Rule(ref float p, float g, [TensorState] ref float d, float rate = 0.5f) { d += rate; p -= g; } }")]
    public void Rule_InWhichAllIsUsed_IsNotWarnedOf(string source)
    {
        GeneratorRun run = GeneratorRun.Of(Class + source);

        run.AssertClean();
        Assert.Empty(run.Diagnostics);
    }
}
