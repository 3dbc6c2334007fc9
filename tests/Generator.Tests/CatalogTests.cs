using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Requant.Generator.Diagnostics;
using Requant.Generator.Emit;
using Requant.Generator.Lower;
using Requant.Generator.Tests.Harness;
using Xunit;

namespace Requant.Generator.Tests;

/// <summary>Each diagnostic has a test, a release row and a page whose examples do what the page says.</summary>
public sealed partial class CatalogTests
{
    /// <summary>A fault of the generator has no example.</summary>
    private const string Internal = "REQ9001";

    public static TheoryData<string> Ids { get; } = [.. Catalog.All.Select(descriptor => descriptor.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Diagnostic_HasPageReleaseRowAndHelpLink(string id)
    {
        DiagnosticDescriptor descriptor = Catalog.ById[id];
        string title = descriptor.Title.ToString(null);

        Assert.StartsWith($"# {id}: {title}\n", PageOf(id), StringComparison.Ordinal);
        Assert.Equal(
            Repository.Address is null ? "" : $"{Repository.Address}/blob/main/docs/diagnostics/{id}.md",
            descriptor.HelpLinkUri);
        Assert.Contains(
            $"\n{id} | {descriptor.Category} | {descriptor.DefaultSeverity} | {title}\n",
            Repository.Read("Generator", "AnalyzerReleases.Unshipped.md")
            + Repository.Read("Generator", "AnalyzerReleases.Shipped.md"),
            StringComparison.Ordinal);
        Assert.Contains($"| [{id}]({id}.md) | {title} |", PageOf("README"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Diagnostic_HasTestOfItsSpan(string id) => Assert.True(
        id == Internal
        || DeclarationDiagnosticTests.Cases.Any(test => test.Data.Item1 == id)
        || BodyDiagnosticTests.Cases.Any(test => test.Data.Item1 == id)
        || WarningTests.Cases.Any(test => test.Data.Item1 == id)
        || ProjectTests.Cases.Any(test => test.Data.Item1 == id),
        $"Add a case of {id} to {nameof(DeclarationDiagnosticTests)}, {nameof(BodyDiagnosticTests)}, "
        + $"{nameof(WarningTests)} or {nameof(ProjectTests)}.");

    [Theory]
    [MemberData(nameof(Ids))]
    public void Page_Examples_TriggerTheDiagnosticAndNothing(string id)
    {
        if (id == Internal || Catalog.OfProject.Contains(id))
        {
            // Of a project, an example is its project file.
            Assert.Empty(ExamplesOf(id));
            return;
        }

        string[] examples = ExamplesOf(id);
        Assert.Equal(2, examples.Length);
        GeneratorRun wrong = GeneratorRun.Of(examples[0]);
        Assert.NotEmpty(wrong.Diagnostics);
        Assert.All(wrong.Diagnostics, found => Assert.Equal(id, found.Id));
        Assert.DoesNotContain(wrong.CompilerDiagnostics, found => found.Severity == DiagnosticSeverity.Error);
        GeneratorRun right = GeneratorRun.Of(examples[1]);
        right.AssertClean();
        Assert.Empty(right.Diagnostics);
        Assert.NotEmpty(right.Result.GeneratedSources);
    }

    [Fact]
    public void Folder_OfPages_HasNoOthers() => Assert.Equal(
        Catalog.All.Select(descriptor => descriptor.Id).Append("README").Order(StringComparer.Ordinal),
        Directory.GetFiles(Repository.DiagnosticPages, "*.md").Select(Path.GetFileNameWithoutExtension)
            .Order(StringComparer.Ordinal));

    [Fact]
    public void Emitter_OfInvalidModel_ReportsAFaultAndNoFiles()
    {
        RuleModel rule = RuleFiles.Run.Models.First();
        RuleModel broken = rule with { Body = rule.Body with { NewParameter = rule.Body.Ops.Count } };

        EmittedRule emitted = EmittedRule.From(broken);

        Assert.NotNull(emitted.Fault);
        Assert.Empty(emitted.Files);
    }

    private static string PageOf(string name) =>
        File.ReadAllText(Path.Combine(Repository.DiagnosticPages, name + ".md")).ReplaceLineEndings("\n");

    /// <summary>The page's code: whole files, or methods that stand for a class of them.</summary>
    private static string[] ExamplesOf(string id) =>
        [.. CodeBlock().Matches(PageOf(id)).Select(match => match.Groups[1].Value)
            .Select(code => code.Contains(" class ", StringComparison.Ordinal)
                ? "using Requant;\n" + code
                : $"using Requant;\npublic static class MyRules\n{{\n{code}}}\n")];

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
