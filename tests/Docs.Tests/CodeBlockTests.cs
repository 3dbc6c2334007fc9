namespace Requant.Docs.Tests;

/// <summary>Every block of C# compiles, with what the generator makes of its rules.</summary>
public sealed class CodeBlockTests
{
    /// <summary>Languages of blocks that are neither C# nor commands: outputs, equations, files of projects.</summary>
    private static readonly string[] Plain = ["text", "json", "xml"];

    private static readonly IEnumerable<CodeBlock> AllBlocks = Repository.Pages.SelectMany(page => page.Blocks);

    /// <summary>Pages of diagnostics are not among them: the generator's own tests run their blocks, of which every
    /// first one has to fail.</summary>
    private static readonly Dictionary<string, CodeBlock> CSharp = Repository.Pages
        .Where(page => !page.Path.StartsWith("docs/diagnostics/", StringComparison.Ordinal))
        .SelectMany(page => page.Blocks.Where(block => block.Language == "csharp")
            .Select((block, index) => block with { Context = Context.NameOf(block, index) }))
        .ToDictionary(block => $"{block.Page}:{block.Line}");

    public static TheoryData<string> Places { get; } = [.. CSharp.Keys];

    [Theory]
    [MemberData(nameof(Places))]
    public void Block_OfCSharp_Compiles(string place) =>
        Complaints.AssertNone(BlockCompiler.Errors(CSharp[place]));

    [Fact]
    public void Block_OfAnyPage_SaysItsLanguage() => Complaints.AssertNone(AllBlocks
        .Where(block => block.Language is not ("csharp" or "sh") && !Plain.Contains(block.Language))
        .Select(block => $"{block.Page}:{block.Line - 1}: '{block.Language}' is none of csharp, sh, "
            + string.Join(", ", Plain)));

    [Fact]
    public void Compiler_WrongBlock_NamesPageAndLine()
    {
        var block = new CodeBlock("docs/page.md", 7, "csharp", "torch", "int x = 1;\nx = \"two\";");

        string error = Assert.Single(BlockCompiler.Errors(block));

        Assert.StartsWith("docs/page.md:8: CS0029", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Compiler_WrongRule_NamesItsDiagnostic()
    {
        var block = new CodeBlock(
            "docs/page.md", 3, "csharp", "rule",
            "[OptimizerRule]\npublic static void Wrong(ref float p, float g) => p -= g % 2f;");

        string error = Assert.Single(BlockCompiler.Errors(block));

        Assert.StartsWith("docs/page.md:4: REQ1005", error, StringComparison.Ordinal);
    }
}
