using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis;
using Requant.Generator.Tests.Harness;
using Xunit;

namespace Requant.Generator.Tests;

/// <summary>Projects in which no generated code could compile get one error for all rules, and no code.</summary>
public sealed class ProjectTests
{
    private const string Marked =
        "using Requant; namespace Own { public static class Rules { [OptimizerRule] public static void [|Lion|](ref "
        + "float p, float g, [State] ref float m) { p -= m; m = g; } [OptimizerRule] public static void Sgd(ref float "
        + "p, float g, float lr = 0.1f) { p -= lr * g; } } }";

    private const string Other =
        "using Requant; namespace Own { public static class Others { [OptimizerRule] public static void Adam(ref float "
        + "p, float g) { p -= g; } } }";

    public static TheoryData<string, LanguageVersion, string> Cases { get; } = new()
    {
        { "REQ0014", LanguageVersion.CSharp7_3, "" },
        { "REQ0014", LanguageVersion.CSharp9, "" },
        { "REQ0014", LanguageVersion.CSharp10, "" },
        { "REQ0014", LanguageVersion.CSharp11, "" },
        { "REQ0014", LanguageVersion.CSharp11, "Requant.Runtime" },
        { "REQ0015", LanguageVersion.CSharp12, "Requant.Runtime" },
        { "REQ0015", LanguageVersion.Latest, "ILGPU" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Project_ThatCannotCompileGeneratedCode_IsReportedOnce(
        string id, LanguageVersion language, string withoutAssembly)
    {
        var source = MarkedSource.Parse(Marked);
        GeneratorRun run = GeneratorRun.Of([("A.cs", source.Text), ("B.cs", Other)], language, withoutAssembly);

        Diagnostic found = Assert.Single(run.Diagnostics);
        Assert.Equal(
            (id, "A.cs", Assert.Single(source.Spans)),
            (found.Id, found.Location.SourceTree?.FilePath, found.Location.SourceSpan));
        Assert.Contains(
            id == "REQ0014" ? language.ToDisplayString() : withoutAssembly, found.GetMessage(null),
            StringComparison.Ordinal);
        Assert.Empty(run.Result.GeneratedSources);
        Assert.DoesNotContain(run.CompilerDiagnostics, other => other.Severity == DiagnosticSeverity.Error);
    }

    [Theory]
    [InlineData(LanguageVersion.CSharp12)]
    [InlineData(LanguageVersion.Latest)]
    [InlineData(LanguageVersion.Preview)]
    public void Project_OfALaterLanguage_Compiles(LanguageVersion language)
    {
        GeneratorRun run = GeneratorRun.Of([("A.cs", MarkedSource.Parse(Marked).Text), ("B.cs", Other)], language);

        run.AssertClean();
        Assert.Equal(3, run.Models.Count());
    }

    /// <summary>The rules may be in code that is too new for the project as well; the compiler
    /// says so itself.</summary>
    [Fact]
    public void Project_WithErrorsOfItsOwn_IsReportedAllTheSame()
    {
        GeneratorRun run = GeneratorRun.Of(
            [("A.cs", "using Requant; namespace Own; public static class Rules { [OptimizerRule] public static void "
                + "Lion(ref float p, float g) { p -= g; } }")],
            LanguageVersion.CSharp9);

        Assert.Equal("REQ0014", Assert.Single(run.Diagnostics).Id);
    }
}
