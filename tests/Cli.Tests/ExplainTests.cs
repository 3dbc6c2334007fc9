using System.Reflection;
using System.Text.RegularExpressions;
using Requant.Cli.Diagnostics;
using Requant.Cli.Output;
using Xunit;

namespace Requant.Cli.Tests;

public partial class ExplainTests
{
    private const char Escape = '\u001b';

    /// <summary>The repository's address, which this project has from the same property.</summary>
    private static readonly string? Repository = typeof(ExplainTests).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().SingleOrDefault(data => data.Key == "RepositoryUrl")?.Value;

    public static TheoryData<string> Ids { get; } =
        [.. Directory.GetFiles(PagesFolder(), "REQ*.md").Select(file => Path.GetFileNameWithoutExtension(file)!)];

    [Theory]
    [InlineData("REQ1005")]
    [InlineData("req1005")]
    [InlineData("1005")]
    public void Explain_Id_PrintsItsPage(string id)
    {
        Invocation explain = Invocation.Run("explain", id);

        Assert.Equal((0, ""), (explain.ExitCode, explain.Error));
        string[] lines = explain.Output.ReplaceLineEndings("\n").TrimEnd().Split('\n');
        Assert.Equal("REQ1005: Not available for every element", lines[0]);
        Assert.Contains("        p -= lr * (g % 2f);", lines);
        Assert.Contains("Why", lines);
        string functions = Repository is null ? "functions" : $"functions ({Repository}/blob/main/docs/functions.md)";
        Assert.Contains(lines, line => line.Contains($"the {functions} that give", StringComparison.Ordinal));
        Assert.Equal(
            Repository is null ? [] : [$"{Repository}/blob/main/docs/diagnostics/REQ1005.md"],
            lines.Where(line => line.StartsWith("http", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Explain_EveryPage_LeavesNoMarkdown(string id)
    {
        string page = File.ReadAllText(Path.Combine(PagesFolder(), id + ".md"));

        string output = Invocation.Run("explain", id).Output;

        Assert.DoesNotMatch(@"`|\]\(|(?m)^#|^[-*|]", output);
        string words = string.Join(' ', Words().Matches(Marks().Replace(page, "")).Select(word => word.Value));
        Assert.Equal(
            words, string.Join(' ', Words().Matches(Address().Replace(output, "")).Select(word => word.Value)));
    }

    [Fact]
    public void Explain_NoId_ListsAllWithTheirTitles()
    {
        Invocation explain = Invocation.Run("explain");

        Assert.Equal((0, ""), (explain.ExitCode, explain.Error));
        string[] lines = explain.Output.ReplaceLineEndings("\n").TrimEnd().Split('\n');
        Assert.Equal(
            Ids.Select(row => row.Data).Order(StringComparer.Ordinal), lines[1..].Select(line => line.Split(' ')[0]));
        Assert.Contains("REQ1007  A rule cannot loop", lines);
    }

    [Theory]
    [InlineData("REQ105", "There is no diagnostic 'REQ105'. Did you mean 'REQ1005'?")]
    [InlineData("RQ1005", "There is no diagnostic 'RQ1005'. Did you mean 'REQ1005'?")]
    [InlineData("CS0103", "There is no diagnostic 'CS0103'. 'requant explain' lists them all.")]
    [InlineData("", "There is no diagnostic ''. 'requant explain' lists them all.")]
    public void Explain_UnknownId_ExitsWithOneAndSuggests(string id, string message)
    {
        Invocation explain = Invocation.Run("explain", id);

        Assert.Equal((1, ""), (explain.ExitCode, explain.Output));
        Assert.StartsWith("requant: " + message, explain.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_OnATerminal_WrapsParagraphsAndColoursListings()
    {
        string output = Invocation.RunOnTerminal("explain", "REQ1005").Output.ReplaceLineEndings("\n");
        string plain = Codes().Replace(output, "");

        Assert.Contains(Escape, output);
        Assert.Contains("        p -= lr * (g % 2f);\n", plain, StringComparison.Ordinal);
        Assert.Contains(
            "    public static void Sgd(ref float p, float g, float lr = 0.01f)\n    {\n", plain,
            StringComparison.Ordinal);
        Assert.Contains("A function or \noperation that ", plain, StringComparison.Ordinal);
    }

    [Fact]
    public void Document_Text_HasItsBlocks()
    {
        const string Text = "# One\n\nUse `a` or\n[b](../c.md).\n\n```xml\n<A B=\"1\" />\n\n<C/>\n```\n";

        Document document = Document.Parse(Text);

        Assert.Collection(document.Blocks,
            block => Assert.Equal(new Heading("One"), block),
            block => Assert.Equal(
                [
                    new(SpanKind.Plain, "Use "), new(SpanKind.Code, "a"), new(SpanKind.Plain, " or"),
                    new(SpanKind.Plain, " "), new(SpanKind.Link, "b", "../c.md"), new(SpanKind.Plain, "."),
                ],
                Assert.IsType<Prose>(block).Spans),
            block => Assert.Equal(new Listing("xml", "<A B=\"1\" />\n\n<C/>"), block));
    }

    [Fact]
    public void Resolve_Link_IsAbsoluteOrNothing()
    {
        Assert.Equal("https://arxiv.org/abs/2110.02861", DiagnosticPage.Resolve("https://arxiv.org/abs/2110.02861"));
        Assert.Equal(
            Repository is null ? null : $"{Repository}/blob/main/docs/rules.md#lines",
            DiagnosticPage.Resolve("../rules.md#lines"));
    }

    private static string PagesFolder() => typeof(ExplainTests).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "DiagnosticPages").Value!;

    [GeneratedRegex(@"```\w+|\]\([^)]+\)")]
    private static partial Regex Marks();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Words();

    [GeneratedRegex(@" \(https?://[^)\s]+\)|(?m)^https?://\S+$")]
    private static partial Regex Address();

    [GeneratedRegex(@"\u001b\[[0-9;]*m")]
    private static partial Regex Codes();
}
