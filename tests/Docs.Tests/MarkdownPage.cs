using System.Text.RegularExpressions;

namespace Requant.Docs.Tests;

/// <summary>A fenced block.</summary>
/// <param name="Page">Its page, from the root of the repository.</param>
/// <param name="Line">Number of its first line behind the fence, from 1.</param>
/// <param name="Language">What the fence says; empty where it says nothing.</param>
/// <param name="Context">What the comment before it names, as in <c>&lt;!-- context: torch --&gt;</c>.</param>
/// <param name="Text">Its lines.</param>
/// <param name="Source">The command whose output it is an excerpt of, as in
/// <c>&lt;!-- output: requant list --&gt;</c>.</param>
internal sealed record CodeBlock(
    string Page, int Line, string Language, string? Context, string Text, string? Source = null);

/// <summary>A link of a page.</summary>
/// <param name="Line">Number of its line, from 1.</param>
/// <param name="Target">What it points at.</param>
internal sealed record PageLink(int Line, string Target);

/// <summary>A page in Markdown: its fenced blocks, links and headings.</summary>
internal sealed partial class MarkdownPage
{
    private readonly List<CodeBlock> _blocks = [];
    private readonly List<(int Number, string Text)> _prose = [];

    public MarkdownPage(string path, string text)
    {
        Path = path;
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        string? context = null, source = null;
        for (int i = 0; i < lines.Length; i++)
        {
            if (Fence().Match(lines[i]) is { Success: true } fence)
            {
                int first = i + 1;
                int end = Array.FindIndex(lines, first, line => line.Trim() == "```");
                Assert.True(end >= 0, $"{path}:{i + 1}: this fence is never closed.");
                string inside = string.Join('\n', lines[first..end]);
                _blocks.Add(new CodeBlock(path, first + 1, fence.Groups[1].Value, context, inside, source));
                context = source = null;
                i = end;
                continue;
            }

            context = After(ContextComment().Match(lines[i]), context, lines[i]);
            source = After(OutputComment().Match(lines[i]), source, lines[i]);
            _prose.Add((i + 1, lines[i]));
        }
    }

    /// <summary>Its path from the root of the repository, with slashes.</summary>
    public string Path { get; }

    public IReadOnlyList<CodeBlock> Blocks => _blocks;

    /// <summary>Lines outside of fenced blocks, numbered from 1.</summary>
    public IReadOnlyList<(int Number, string Text)> Prose => _prose;

    /// <summary>What links can name behind <c>#</c>, by the rules of GitHub.</summary>
    public IEnumerable<string> Anchors =>
        from line in _prose
        where line.Text.StartsWith('#')
        let words = NotInAnchors().Replace(line.Text.TrimStart('#').Trim().ToLowerInvariant(), "")
        select words.Replace(' ', '-');

    /// <summary>Links and pictures, without what stands in code.</summary>
    public IEnumerable<PageLink> Links =>
        from line in _prose
        from Match match in Link().Matches(InlineCode().Replace(line.Text, "code"))
        select new PageLink(line.Number, match.Groups[1].Value);

    /// <summary>A comment holds for the block behind it, with empty lines between them at most.</summary>
    private static string? After(Match comment, string? current, string line) =>
        comment.Success ? comment.Groups[1].Value : line.Length == 0 ? current : null;

    [GeneratedRegex("^ {0,3}```(\\w*)\\s*$")]
    private static partial Regex Fence();

    [GeneratedRegex("^<!-- context: (\\S+) -->$")]
    private static partial Regex ContextComment();

    [GeneratedRegex("^<!-- output: (.+) -->$")]
    private static partial Regex OutputComment();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NotInAnchors();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("`[^`]*`")]
    private static partial Regex InlineCode();
}
