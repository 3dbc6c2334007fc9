using System.Text.RegularExpressions;

namespace Requant.Cli.Output;

/// <summary>What a part of a paragraph is.</summary>
internal enum SpanKind
{
    Plain,
    Code,
    Link,
}

/// <summary>A part of a paragraph.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Without its marks.</param>
/// <param name="Target">Of a link, as it is written.</param>
internal readonly record struct Span(SpanKind Kind, string Text, string Target = "");

/// <summary>A heading, a paragraph or a listing.</summary>
internal abstract record Block;

/// <summary>A heading.</summary>
internal sealed record Heading(string Text) : Block;

/// <summary>A paragraph, whose lines are joined.</summary>
internal sealed record Prose(IReadOnlyList<Span> Spans) : Block;

/// <summary>A listing.</summary>
/// <param name="Language">What stands behind its fence.</param>
/// <param name="Text">Without fences, ending without a line break.</param>
internal sealed record Listing(string Language, string Text) : Block;

/// <summary>A text in the Markdown that pages of diagnostics use: headings, paragraphs with code and links,
/// and fenced listings.</summary>
internal sealed partial record Document(IReadOnlyList<Block> Blocks)
{
    /// <summary>Spaces before each line of a listing.</summary>
    public const string Indent = "    ";

    private const string Fence = "```";

    /// <summary>Reads a text whose lines end in \n.</summary>
    public static Document Parse(string markdown)
    {
        var blocks = new List<Block>();
        var lines = new Queue<string>(markdown.TrimEnd().Split('\n'));
        while (lines.TryDequeue(out string? line))
        {
            if (line.StartsWith(Fence, StringComparison.Ordinal))
            {
                blocks.Add(new Listing(line[Fence.Length..], string.Join('\n', TakeUntil(lines, Fence))));
                _ = lines.TryDequeue(out _);
            }
            else if (line.StartsWith('#'))
            {
                blocks.Add(new Heading(line.TrimStart('#').Trim()));
            }
            else if (line.Length > 0)
            {
                blocks.Add(new Prose([.. Split(string.Join(' ', [line, .. TakeUntil(lines, "")]))]));
            }
        }

        return new Document(blocks);
    }

    /// <summary>Plain text: paragraphs in one line each, so that whoever reads them wraps them.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="resolve">Address of a link's target, or null where it has none.</param>
    public void WritePlain(TextWriter output, Func<string, string?> resolve)
    {
        for (int i = 0; i < Blocks.Count; i++)
        {
            if (i > 0)
            {
                output.WriteLine();
            }

            output.WriteLine(Blocks[i] switch
            {
                Heading heading => heading.Text,
                Listing listing => Indented(listing.Text),
                Prose prose => string.Concat(prose.Spans.Select(span => span.Kind switch
                {
                    SpanKind.Code => $"'{span.Text}'",
                    SpanKind.Link => LinkText(span, resolve),
                    _ => span.Text,
                })),
                _ => "",
            });
        }
    }

    /// <summary>A listing's lines, indented; empty ones stay empty.</summary>
    public static string Indented(string text) => string.Join(
        Environment.NewLine, text.Split('\n').Select(line => line.Length > 0 ? Indent + line : line));

    /// <summary>A link's text and, in parentheses, its address.</summary>
    public static string LinkText(Span link, Func<string, string?> resolve) =>
        resolve(link.Target) is { } address ? $"{link.Text} ({address})" : link.Text;

    private static IEnumerable<string> TakeUntil(Queue<string> lines, string end)
    {
        while (lines.TryPeek(out string? line) && line != end)
        {
            yield return lines.Dequeue();
        }
    }

    private static IEnumerable<Span> Split(string text)
    {
        int end = 0;
        foreach (Match match in Marks().Matches(text))
        {
            if (match.Index > end)
            {
                yield return new Span(SpanKind.Plain, text[end..match.Index]);
            }

            yield return match.Groups["code"].Success
                ? new Span(SpanKind.Code, match.Groups["code"].Value)
                : new Span(SpanKind.Link, match.Groups["link"].Value, match.Groups["target"].Value);
            end = match.Index + match.Length;
        }

        if (end < text.Length)
        {
            yield return new Span(SpanKind.Plain, text[end..]);
        }
    }

    [GeneratedRegex(@"`(?<code>[^`]+)` | \[(?<link>[^\]]+)\]\((?<target>[^)]+)\)",
        RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex Marks();
}
