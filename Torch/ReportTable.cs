using System.Globalization;
using System.Text;
using Requant.Quantization;

namespace Requant.Torch;

/// <summary>A report as text: columns as wide as their content, what repeats for a parameter's next state left out.</summary>
internal static class ReportTable
{
    private const string Gap = "  ";

    /// <summary>Lines about zeroed states.</summary>
    private const int MostZeroed = 10;

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
        return text.Append(Sums(report)).Append(Zeroed(report)).ToString();
    }

    /// <summary>What has no place in a column, since it is seldom there: the largest shares first.</summary>
    private static string Zeroed(OptimizerReport report)
    {
        OptimizerReportRow[] rows = [.. report.Rows.Where(row => row.ZeroedShare > 0 && IsUnsigned(row)).OrderByDescending(row => row.ZeroedShare)];
        string lines = string.Concat(rows.Take(MostZeroed).Select(row =>
            $"zeroed: {row.State} of {row.Parameter}, {Percent(row.ZeroedShare!.Value)} of its elements\n"));
        string others = rows.Length > MostZeroed ? $"and {Text(rows.Length - MostZeroed)} states more\n" : "";
        return rows.Length == 0 ? "" : lines + others
            + "zeroed: stored as 0 where the parameter's other states are not. A rule that divides by such a state, as Adam by v, may take far too large a\n"
            + "step when a gradient becomes 0; KeepFloat32 with the parameter's name keeps its states exact\n";
    }

    /// <summary>Rules divide by states without a sign; a signed one that is 0, as a first moment that has decayed, does no harm.</summary>
    private static bool IsUnsigned(OptimizerReportRow row) => row.Codec is Codec codec && Codebook.For(codec).ZeroCode == 0;

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
            + string.Create(CultureInfo.InvariantCulture, $"{100.0 * report.StateBytes / report.Float32Bytes:0.0} % of it");
        return $"{Text(report.StateBytes)} bytes of states; float32 would take {Text(report.Float32Bytes)}{share}\n"
            + "error: how far stored values are from those encoded last, at most, in % of their magnitude\n";
    }

    private static string Text(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Percent(double share) =>
        (100 * share).ToString(share < 0.1 ? "0.00" : "0.0", CultureInfo.InvariantCulture) + " %";
}
