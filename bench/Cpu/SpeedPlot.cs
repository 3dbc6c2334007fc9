namespace Requant.Bench.Cpu;

/// <summary>Draws the times of steps beside those of the peers.</summary>
internal static class SpeedPlot
{
    private const int MostCodecs = 2;

    /// <summary>Writes a PNG of the rows that have the first row's type, model and threads, with the first two
    /// codecs.</summary>
    public static void Save(string path, IReadOnlyList<Row> rows)
    {
        Row first = rows[0];
        Row[] shown =
        [
            .. rows.Where(row => (row.Dtype, row.Tensors, row.Elements, row.Threads)
                == (first.Dtype, first.Tensors, first.Elements, first.Threads)),
        ];
        string[] codecs = [.. shown.Select(row => row.Codecs).Distinct()];
        string parameters = FormattableString.Invariant($"{first.Tensors} x {first.Elements:N0} parameters");
        BarChart.Save(
            path,
            $"A step over {parameters}, {first.Dtype}, {first.Threads} threads",
            "milliseconds",
            [.. codecs.Take(MostCodecs).Select(codec => $"Requant, 8 bits, {codec}")],
            ["libtorch fused, 32 bits", "TorchSharp, 32 bits"],
            [.. shown.GroupBy(row => row.Rule).Select(rule => (rule.Key, Values(codecs, [.. rule])))]);
    }

    private static IReadOnlyList<double?> Values(string[] codecs, Row[] rows) =>
    [
        .. codecs.Take(MostCodecs).Select(codec => rows.FirstOrDefault(row => row.Codecs == codec)?.Ms),
        rows[0].Ms * rows[0].SpeedupTorchFused,
        rows[0].Ms * rows[0].SpeedupTorchSharp,
    ];
}
