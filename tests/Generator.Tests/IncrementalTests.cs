using Microsoft.CodeAnalysis;
using Requant.Generator.Support;
using Requant.Generator.Tests.Harness;
using Xunit;

namespace Requant.Generator.Tests;

/// <summary>Edits that mean nothing to a rule re-run nothing, and what is cached holds nothing of a
/// compilation.</summary>
public sealed class IncrementalTests
{
    public static TheoryData<string> RuleNames { get; } = [.. RuleFiles.Names];

    [Fact]
    public void Steps_UnrelatedFileAdded_AreCached() =>
        AssertCached(
            RuleFiles.Run.WithFile("namespace Unrelated; internal static class Added { public static int Two => 2; }"));

    [Theory]
    [MemberData(nameof(RuleNames))]
    public void Steps_CommentEditedInRule_AreCached(string name) =>
        AssertCached(RuleFiles.Run.WithEdit(RuleFiles.PathOf(name), text =>
        {
            int body = text.IndexOf('{', text.IndexOf("[OptimizerRule]", StringComparison.Ordinal));
            return "// A line above.\n" + text.Insert(body + 1, " // A comment,\n /* and another. */ ");
        }));

    [Fact]
    public void Steps_RuleEdited_RunForThatRuleOnly()
    {
        GeneratorRun edited = RuleFiles.Run.WithEdit(
            "Adam.cs", text => text.Replace("beta1 * m", "2 * beta1 * m", StringComparison.Ordinal));

        IncrementalStepRunReason[] reasons =
            [.. edited.Result.TrackedSteps[TrackingNames.Sources].SelectMany(step => step.Outputs)
                .Select(output => output.Reason)];
        Assert.Single(reasons, IncrementalStepRunReason.Modified);
        Assert.All(reasons.Where(reason => reason != IncrementalStepRunReason.Modified), AssertCached);
    }

    [Fact]
    public void Steps_HelperInAnotherFileEdited_RunAgain()
    {
        const string Rule =
            """
            public static class Rules
            {
                [Requant.OptimizerRule]
                public static void Lion(ref float p, float g) => p -= Helper.Scale(g);
            }
            """;
        static string HelperOf(string factor) =>
            $"public static class Helper {{ public static float Scale(float x) => {factor} * x; }}";
        GeneratorRun run = GeneratorRun.Of([("Rule.cs", Rule), ("Helper.cs", HelperOf("2f"))]);

        GeneratorRun edited = run.WithEdit("Helper.cs", _ => HelperOf("3f"));

        edited.AssertClean();
        Assert.Contains("2f * g", run.File("Lion.Scalar"), StringComparison.Ordinal);
        Assert.Contains("3f * g", edited.File("Lion.Scalar"), StringComparison.Ordinal);
    }

    [Fact]
    public void CachedValues_OfEveryStep_HoldNothingOfACompilation()
    {
        const string Broken = "public static class Rules { [Requant.OptimizerRule] public static void Lion(ref float "
            + "p, float g, double x) { } }";
        GeneratorRun[] runs =
            [RuleFiles.Run, GeneratorRun.Of(Broken), GeneratorRun.Of([TorchClassTests.Rule, TorchClassTests.Torch])];

        object[] values =
            [.. from run in runs from name in TrackingNames.All
                where run.Result.TrackedSteps.ContainsKey(name)
                from step in run.Result.TrackedSteps[name] from output in step.Outputs select output.Value];

        Assert.All(TrackingNames.All, name => Assert.Contains(runs, run => run.Result.TrackedSteps.ContainsKey(name)));
        Assert.NotEmpty(values);
        Assert.All(values, ObjectGraph.AssertHoldsNoCompilation);
    }

    private static void AssertCached(GeneratorRun run)
    {
        Assert.DoesNotContain(run.Diagnostics, found => found.Severity == DiagnosticSeverity.Error);
        foreach (string name in TrackingNames.All.Where(run.Result.TrackedSteps.ContainsKey))
        {
            Assert.All(
                run.Result.TrackedSteps[name].SelectMany(step => step.Outputs), output => AssertCached(output.Reason));
        }
    }

    private static void AssertCached(IncrementalStepRunReason reason) =>
        Assert.True(
            reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged,
            $"A step's output is {reason}.");
}
