using Microsoft.CodeAnalysis;
using Requant.Generator.Tests.Harness;
using Xunit;

namespace Requant.Generator.Tests;

/// <summary>Whatever somebody types into a rule, the generator neither fails nor writes code that does not compile:
/// there is a diagnostic, an error of the compiler's own, or an optimizer. More edits: see
/// <see cref="RandomRuleTests"/>.</summary>
public sealed class RandomEditTests
{
    private const int Seed = 20250311;
    private const int UsualCount = 100;
    private const int LongCount = 100;

    [Fact]
    public void Generator_OnEditedRules_ReportsOrCompiles()
    {
        (string Name, string Text)[] rules = [.. RuleFiles.Sources];
        int reported = 0;
        int compiled = 0;
        int count = RandomCount.Of(UsualCount, LongCount);
        for (int i = 0; i < count; i++)
        {
            (string name, string original) = rules[i % rules.Length];
            string text = new RandomEdits(Seed + i).Edit(original);
            GeneratorRun run = GeneratorRun.Of("#pragma warning disable\n" + text);
            string what = $"Edit {i} of {name}:\n{text}\n{string.Join("\n", run.Diagnostics)}";

            Assert.True(run.Result.Exception is null, what + run.Result.Exception);
            Assert.True(run.Diagnostics.All(found => found.Id != "REQ9001"), what);
            bool isWrong = run.Input.GetDiagnostics(TestContext.Current.CancellationToken).Any(IsError);
            if (!isWrong)
            {
                Diagnostic[] errors =
                    [.. run.CompilerDiagnostics.Where(found => IsError(found) && IsGenerated(run, found))];
                Assert.True(errors.Length == 0, what + string.Join("\n", errors.AsEnumerable()));
                bool hasRule = text.Contains("OptimizerRule", StringComparison.Ordinal);
                Assert.True(
                    !hasRule || run.Diagnostics.Any(IsError) || !run.Result.GeneratedSources.IsEmpty,
                    "Silent: " + what);
                reported += run.Diagnostics.Any(IsError) ? 1 : 0;
                compiled += run.Diagnostics.Any(IsError) ? 0 : 1;
            }
        }

        // Both outcomes must be met, or the edits test nothing; a few edits need not meet them.
        Assert.True(
            count < UsualCount || (reported > 0 && compiled > 0),
            $"{reported} edits were reported, {compiled} compiled.");
    }

    private static bool IsError(Diagnostic found) => found.Severity == DiagnosticSeverity.Error;

    private static bool IsGenerated(GeneratorRun run, Diagnostic found) =>
        found.Location.SourceTree is { } tree && !run.Input.SyntaxTrees.Contains(tree);
}
