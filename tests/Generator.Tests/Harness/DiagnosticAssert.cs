using Microsoft.CodeAnalysis;
using Xunit;

namespace Requant.Generator.Tests.Harness;

/// <summary>What must hold of every rule that the generator refuses.</summary>
internal static class DiagnosticAssert
{
    /// <summary>One diagnostic of this id at each marked span and none elsewhere; no code; nothing wrong
    /// with the C#.</summary>
    /// <param name="id">The diagnostic.</param>
    /// <param name="marked">Source with marked spans.</param>
    /// <param name="generatedRules">Rules of the source that are right.</param>
    public static void Reported(string id, string marked, int generatedRules = 0)
    {
        var source = MarkedSource.Parse(marked);
        GeneratorRun run = GeneratorRun.Of(source.Text);

        Assert.Null(run.Result.Exception);
        Assert.Equal(
            source.Spans.Select(span => $"{id} '{source.Text.Substring(span.Start, span.Length)}' at {span.Start}"),
            run.Diagnostics.OrderBy(found => found.Location.SourceSpan).Select(found => Describe(source.Text, found)));
        Assert.Equal(generatedRules, run.Models.Count());
        Assert.Equal(generatedRules > 0, !run.Result.GeneratedSources.IsEmpty);
        Assert.DoesNotContain(run.CompilerDiagnostics, found => found.Severity == DiagnosticSeverity.Error);
        Assert.All(
            run.Diagnostics, found => Assert.DoesNotContain("{", found.GetMessage(null), StringComparison.Ordinal));
    }

    /// <summary>The compiler rejects the rule, so the generator keeps quiet.</summary>
    public static void LeftToCompiler(string source)
    {
        GeneratorRun run = GeneratorRun.Of(source);

        Assert.Null(run.Result.Exception);
        Assert.Empty(run.Diagnostics);
        Assert.Empty(run.Result.GeneratedSources);
        Assert.Contains(run.CompilerDiagnostics, found => found.Severity == DiagnosticSeverity.Error);
    }

    public static void Compiles(string source) => GeneratorRun.Of(source).AssertClean();

    private static string Describe(string text, Diagnostic found)
    {
        var span = found.Location.SourceSpan;
        return $"{found.Id} '{text.Substring(span.Start, span.Length)}' at {span.Start}";
    }
}
