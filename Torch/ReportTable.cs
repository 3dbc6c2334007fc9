using System.Globalization;
using System.Text;

namespace Requant.Torch;

/// <summary>A report as text: columns as wide as their content, what repeats for a parameter's next
/// state left out.</summary>
internal static class ReportTable
{
    private const string Gap = "  ";

    private static readonly string[] Header =
        ["parameter", "shape", "dtype", "state", "bits", "codec", "rounding", "block", "bytes", "error"];

    /// <summary>Numbers are right-aligned.</summary>
    private static readonly bool[] IsNumber = [false, false, false, false, true, false, false, true, true, true];

    /// <summary>Left out where all codes are the nearest ones.</summary>
    private static readonly int RoundingColumn = Array.IndexOf(Header, "rounding");

    public static string Of(OptimizerReport report)
    {
        List<string[]> lines = [Header];
        OptimizerReportRow? last = null;
        foreach (OptimizerReportRow row in report.Rows)
        {
            lines.Add(Cells(row, isNext: last is not null && IsSameParameter(last, row)));
            last = row;
        }

        int[] widths = [.. Header.Select((_, column) => lines.Max(line => line[column].Length))];
        bool isStochastic = report.Rows.Any(row => row.Rounding == StateRounding.Stochastic);
        int[] shown = [.. Enumerable.Range(0, Header.Length).Where(column => isStochastic || column != RoundingColumn)];
        var text = new StringBuilder();
        lines.ForEach(line => text.Append(string.Join(Gap, shown.Select(i => IsNumber[i]
            ? line[i].PadLeft(widths[i]) : line[i].PadRight(widths[i]))).TrimEnd()).Append('\n'));
        return text.Append(Sums(report)).ToString();
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
        return $"{Text(report.StateBytes)} bytes of states; float32 would take {Text(report.Float32Bytes)}{share}\n"
            + "error: how far stored values are from those encoded last, at most, in % of their magnitude\n";
    }

    private static string Text(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Percent(double share) =>
        (100 * share).ToString(share < 0.1 ? "0.00" : "0.0", CultureInfo.InvariantCulture) + " %";
}
