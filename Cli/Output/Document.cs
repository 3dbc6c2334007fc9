using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

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
internal sealed record Document(IReadOnlyList<Block> Blocks)
{
    /// <summary>Spaces before each line of a listing.</summary>
    public const string Indent = "    ";

    /// <summary>Reads a text.</summary>
    /// <exception cref="FormatException">It has something else in it.</exception>
    public static Document Parse(string markdown) => new([.. Markdown.Parse(markdown).Select(BlockOf)]);

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

    private static Block BlockOf(Markdig.Syntax.Block block) => block switch
    {
        HeadingBlock heading => new Heading(string.Concat(SpansOf(heading).Select(span => span.Text))),
        FencedCodeBlock listing => new Listing(listing.Info ?? "", listing.Lines.ToString()),
        ParagraphBlock paragraph => new Prose([.. SpansOf(paragraph)]),
        _ => throw new FormatException($"Line {block.Line + 1} is a {block.GetType().Name}."),
    };

    private static IEnumerable<Span> SpansOf(LeafBlock block) => (block.Inline ?? []).Select(part => part switch
    {
        LiteralInline text => new Span(SpanKind.Plain, text.Content.ToString()),
        LineBreakInline => new Span(SpanKind.Plain, " "),
        CodeInline code => new Span(SpanKind.Code, code.Content),
        LinkInline { IsImage: false, FirstChild: LiteralInline text } link =>
            new Span(SpanKind.Link, text.Content.ToString(), link.Url ?? ""),
        _ => throw new FormatException($"Line {block.Line + 1} has a {part.GetType().Name}."),
    });
}
