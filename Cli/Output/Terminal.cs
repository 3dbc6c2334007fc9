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
}
