using System.Buffers;
using System.Globalization;
using System.Text;

namespace Requant.Torch;

/// <summary>A report as comma-separated values.</summary>
internal static class ReportCsv
{
    private static readonly (string Name, Func<OptimizerReportRow, object?> Value)[] Columns =
    [
        ("parameter", row => row.Parameter),
        ("shape", row => string.Join('x', row.Shape)),
        ("type", row => row.Type),
        ("state", row => row.State),
        ("bits", row => row.Bits),
        ("codec", row => row.Codec),
        ("rounding", row => row.Rounding),
        ("blockSize", row => row.BlockSize),
        ("stateBytes", row => row.StateBytes),
        ("float32Bytes", row => row.Float32Bytes),
        ("errorBound", row => row.ErrorBound),
    ];

    private static readonly SearchValues<char> Special = SearchValues.Create(",\"\r\n");

    public static string Of(OptimizerReport report)
    {
        var text = new StringBuilder();
        text.AppendJoin(',', Columns.Select(column => column.Name)).Append('\n');
        foreach (OptimizerReportRow row in report.Rows)
        {
            text.AppendJoin(',', Columns.Select(column => Quoted(column.Value(row)))).Append('\n');
        }

        return text.ToString();
    }

    private static string Quoted(object? value)
    {
        string text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        return text.AsSpan().ContainsAny(Special)
            ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : text;
    }
}
