using System.Globalization;
using System.Net;
using System.Text;

namespace Requant.Torch;

/// <summary>A report for people: what repeats for a parameter's next state is left out.</summary>
internal sealed class ReportTable
{
    /// <summary>The widest that the text is.</summary>
    public const int MaxColumns = 100;

    /// <summary>No column is made narrower than this.</summary>
    private const int MinWidth = 6;

    private const string Gap = "  ";
    private const string RoundingTitle = "rounding";

    private const string ErrorNote =
        "error: how far stored values are from those encoded last, at most, in % of their magnitude";

    private static readonly Column[] Columns =
    [
        new("parameter"),
        new("shape", CanShorten: true),
        new("dtype"),
        new("state", CanShorten: true),
        new("bits", IsNumber: true),
        new("codec"),
        new(RoundingTitle),
        new("block", IsNumber: true),
        new("bytes", IsNumber: true),
        new("error", IsNumber: true),
    ];

    private readonly Column[] _columns;
    private readonly string[][] _rows;
    private readonly string _sums;

    private ReportTable(Column[] columns, string[][] rows, string sums) =>
        (_columns, _rows, _sums) = (columns, rows, sums);

    public static ReportTable Of(OptimizerReport report)
    {
        // The rounding is left out where all codes are the nearest ones.
        bool isStochastic = report.Rows.Any(row => row.Rounding == StateRounding.Stochastic);
        int[] shown =
        [
            .. Enumerable.Range(0, Columns.Length).Where(i => isStochastic || Columns[i].Title != RoundingTitle),
        ];
        List<string[]> rows = [];
        OptimizerReportRow? last = null;
        foreach (OptimizerReportRow row in report.Rows)
        {
            string[] cells = Cells(row, isNext: last is not null && IsSameParameter(last, row));
            rows.Add([.. shown.Select(i => cells[i])]);
            last = row;
        }

        return new ReportTable([.. shown.Select(i => Columns[i])], [.. rows], Sums(report));
    }

    /// <summary>Columns as wide as their content, or as <see cref="MaxColumns"/> lets them be. A name that is wider
    /// than its column has a line of its own.</summary>
    public string ToText()
    {
        string[] header = [.. _columns.Select(column => column.Title)];
        string[][] lines = [header, .. _rows];
        int[] widths = [.. header.Select((_, i) => lines.Max(line => line[i].Length))];
        Narrow(widths);
        var text = new StringBuilder();
        foreach (string[] line in lines)
        {
            bool isWide = line[0].Length > widths[0];
            if (isWide)
            {
                text.Append(Shorten(line[0], MaxColumns)).Append('\n');
            }

            IEnumerable<string> cells = line.Select((cell, i) => i == 0 && isWide
                ? new string(' ', widths[0])
                : _columns[i].IsNumber ? cell.PadLeft(widths[i]) : Shorten(cell, widths[i]).PadRight(widths[i]));
            text.Append(string.Join(Gap, cells).TrimEnd()).Append('\n');
        }

        return text.Append(_sums).Append(ErrorNote).Append('\n').ToString();
    }

    /// <summary>A table element and a line under it.</summary>
    public void WriteHtml(TextWriter writer)
    {
        const string Right = " style=\"text-align: right\"";
        writer.Write("<table><thead>");
        WriteRow("th", [.. _columns.Select(column => column.Title)]);
        writer.Write("</thead><tbody>");
        foreach (string[] row in _rows)
        {
            WriteRow("td", row);
        }

        writer.Write($"</tbody></table><p>{Encode(_sums)}<br>{Encode(ErrorNote)}</p>");

        void WriteRow(string element, string[] cells)
        {
            writer.Write("<tr>");
            foreach ((int i, string cell) in cells.Index())
            {
                writer.Write($"<{element}{(_columns[i].IsNumber ? Right : "")}>{Encode(cell)}</{element}>");
            }

            writer.Write("</tr>");
        }

        static string Encode(string text) => WebUtility.HtmlEncode(text.TrimEnd('\n'));
    }

    /// <summary>Takes from the names' column, then from the widest that can be shortened, until a line fits.</summary>
    private void Narrow(int[] widths)
    {
        int over = widths.Sum() + (Gap.Length * (widths.Length - 1)) - MaxColumns;
        int taken = Math.Clamp(over, 0, widths[0] - _columns[0].Title.Length);
        widths[0] -= taken;
        int[] candidates = [.. Enumerable.Range(0, widths.Length).Where(i => _columns[i].CanShorten)];
        for (over -= taken; over > 0; over--)
        {
            int widest = candidates.MaxBy(i => widths[i]);
            if (widths[widest] <= MinWidth)
            {
                break;
            }

            widths[widest]--;
        }
    }

    /// <summary>Both ends say more than the middle.</summary>
    private static string Shorten(string text, int width)
    {
        if (text.Length <= width)
        {
            return text;
        }

        int end = width / 2;
        return $"{text[..(width - 1 - end)]}…{text[^end..]}";
    }

    /// <summary>Names may be the same in two groups; a shape array is one parameter's.</summary>
    private static bool IsSameParameter(OptimizerReportRow one, OptimizerReportRow other) =>
        ReferenceEquals(one.Shape, other.Shape);

    private static string[] Cells(OptimizerReportRow row, bool isNext) =>
    [
        .. isNext ? ["", "", ""] : (string[])[row.Parameter, $"[{string.Join(", ", row.Shape)}]", $"{row.Type}"],
        row.State ?? "-",
        row.State is null ? "-" : Text(row.Bits),
        row.Codec?.ToString() ?? "-",
        row.Rounding?.ToString() ?? "-",
        row.BlockSize is int blockSize ? Text(blockSize) : "-",
        Text(row.StateBytes),
        row.ErrorBound is double bound ? Percent(bound) : "-",
    ];

    private static string Sums(OptimizerReport report)
    {
        string share = report.Float32Bytes == 0 ? "" : ", "
            + string.Create(
                CultureInfo.InvariantCulture, $"{100.0 * report.StateBytes / report.Float32Bytes:0.0} % of it");
        return $"{Text(report.StateBytes)} bytes of states; float32 would take {Text(report.Float32Bytes)}{share}\n";
    }

    private static string Text(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Percent(double share) =>
        (100 * share).ToString(share < 0.1 ? "0.00" : "0.0", CultureInfo.InvariantCulture) + " %";

    /// <summary>A column.</summary>
    /// <param name="Title">Its header.</param>
    /// <param name="IsNumber">Is right-aligned.</param>
    /// <param name="CanShorten">Its text may be shortened where a line is too long.</param>
    private sealed record Column(string Title, bool IsNumber = false, bool CanShorten = false);
}
