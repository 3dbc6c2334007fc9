namespace Requant.Cli.Output;

/// <summary>What a cell's text means, for its colour.</summary>
internal enum Tone
{
    Plain,
    Name,
    Good,
    Warning,
    Bad,
}

/// <summary>Text of one cell.</summary>
internal readonly record struct Cell(string Text, Tone Tone = Tone.Plain);

/// <summary>A table, whatever it is written to.</summary>
internal sealed class TextTable(params string[] headers)
{
    private const string Gap = "  ";

    private readonly List<Cell[]> _rows = [];

    public IReadOnlyList<string> Headers { get; } = headers;

    public IReadOnlyList<IReadOnlyList<Cell>> Rows => _rows;

    public void Add(params Cell[] cells) => _rows.Add(cells);

    /// <summary>Aligned columns without lines, colours or wrapping, one row a line.</summary>
    public void WritePlain(TextWriter output)
    {
        IEnumerable<string[]> lines = [[.. Headers], .. _rows.Select(row => row.Select(cell => cell.Text).ToArray())];
        int[] widths = [.. Headers.Select((_, column) => lines.Max(line => line[column].Length))];
        foreach (string[] line in lines)
        {
            output.WriteLine(string.Join(Gap, line.Select((text, column) => text.PadRight(widths[column]))).TrimEnd());
        }
    }
}
