using Spectre.Console;

namespace Requant.Cli.Output;

/// <summary>Where the command writes: with colours on a terminal, otherwise plain text for other programs.</summary>
internal sealed class Terminal
{
    /// <summary>Lines of code are the terminal's to wrap, so that they can be copied.</summary>
    private const int Unlimited = 1 << 20;

    private readonly IAnsiConsole? _console;

    /// <summary>Plain text.</summary>
    public Terminal(TextWriter output, TextWriter error)
    {
        Output = output;
        Error = error;
    }

    /// <summary>Colours, through a console that writes to the same <paramref name="output"/>.</summary>
    public Terminal(TextWriter output, TextWriter error, IAnsiConsole console)
        : this(output, error) => _console = console;

    /// <summary>Results.</summary>
    public TextWriter Output { get; }

    /// <summary>Messages.</summary>
    public TextWriter Error { get; }

    /// <summary>The process's own streams, with colours where a person looks at them and has not set NO_COLOR
    /// (https://no-color.org).</summary>
    public static Terminal FromEnvironment()
    {
        bool plain = Console.IsOutputRedirected
            || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            || Environment.GetEnvironmentVariable("TERM") == "dumb";
        return plain
            ? new Terminal(Console.Out, Console.Error)
            : new Terminal(Console.Out, Console.Error, AnsiConsole.Console);
    }

    public void Write(TextTable table)
    {
        if (_console is null)
        {
            table.WritePlain(Output);
            return;
        }

        var view = new Table { Border = TableBorder.Rounded };
        foreach (string header in table.Headers)
        {
            view.AddColumn(new TableColumn(new Text(header, new Style(decoration: Decoration.Bold))));
        }

        foreach (IReadOnlyList<Cell> row in table.Rows)
        {
            view.AddRow(row.Select(cell => new Text(cell.Text, Palette.Of(cell.Tone))));
        }

        _console.Write(view);
    }

    /// <summary>Runs what takes some seconds, and on a terminal shows what it does.</summary>
    public T WithProgress<T>(string title, Func<Action<string>, T> run) => _console is null
        ? run(static _ => { })
        : _console.Status().Start(title, status => run(doing => status.Status($"{title}: {doing}")));

    /// <summary>Writes a document; on a terminal its paragraphs fit the width, and its listings have
    /// their colours.</summary>
    /// <param name="document">What to write.</param>
    /// <param name="resolve">Address of a link's target, or null where it has none.</param>
    public void Write(Document document, Func<string, string?> resolve)
    {
        if (_console is null)
        {
            document.WritePlain(Output, resolve);
            return;
        }

        for (int i = 0; i < document.Blocks.Count; i++)
        {
            if (i > 0)
            {
                Output.WriteLine();
            }

            switch (document.Blocks[i])
            {
                case Heading heading:
                    _console.Write(new Text(heading.Text + '\n', new Style(decoration: Decoration.Bold)));
                    break;
                case Listing listing:
                    WriteCode(Document.Indented(listing.Text), Grammar.For(listing.Language));
                    break;
                case Prose prose:
                    _console.Write(Wrapped(prose, resolve));
                    Output.WriteLine();
                    break;
            }
        }
    }

    /// <summary>Writes a listing, coloured by <paramref name="grammar"/>, ending in one line break.</summary>
    public void WriteCode(string text, Grammar grammar)
    {
        string code = text.TrimEnd();
        if (_console is null)
        {
            Output.WriteLine(code);
            return;
        }

        var paragraph = new Paragraph();
        foreach ((string part, TokenKind kind) in grammar.Split(code))
        {
            paragraph.Append(part, Palette.Of(kind));
        }

        int width = _console.Profile.Width;
        _console.Profile.Width = Unlimited;
        _console.Write(paragraph);
        _console.Profile.Width = width;
        Output.WriteLine();
    }

    private static Paragraph Wrapped(Prose prose, Func<string, string?> resolve)
    {
        var paragraph = new Paragraph();
        foreach (Span span in prose.Spans)
        {
            paragraph.Append(
                span.Kind == SpanKind.Link ? Document.LinkText(span, resolve) : span.Text,
                span.Kind == SpanKind.Plain ? Style.Plain : Palette.Of(Tone.Name));
        }

        return paragraph;
    }
}
