using ScottPlot;
using ScottPlot.TickGenerators;

namespace Requant.Bench.Codebooks;

/// <summary>Draws the codecs.</summary>
internal static class CodebookPlot
{
    private const int Width = 900;
    private const int Height = 520;
    private const double SmallestDecade = -9;
    private const double Step = 0.02;

    private static readonly Color[] Colors =
        [.. new[] { "#1f77b4", "#d62728", "#2ca02c", "#ff7f0e", "#9467bd" }.Select(Color.FromHex)];

    /// <summary>Writes the three pictures into a folder.</summary>
    public static void SaveAll(string folder)
    {
        Codec[] signed = [.. CodecError.Quantized.Where(codec => !Codebook.For(codec).IsUnsigned)];
        Codec[] unsigned = [.. CodecError.Quantized.Except(signed)];
        SaveErrors(Path.Combine(folder, "codec-error-signed.png"), "Codecs with a sign", signed);
        SaveErrors(Path.Combine(folder, "codec-error-unsigned.png"), "Codecs without a sign", unsigned);
        SaveValues(Path.Combine(folder, "codec-values.png"), [.. signed, .. unsigned]);
    }

    private static void SaveErrors(string path, string title, Codec[] codecs)
    {
        using var plot = new Plot();
        foreach ((int i, Codec codec) in codecs.Index())
        {
            Codebook codebook = Codebook.For(codec);
            List<double> places = [], errors = [];
            for (double decade = SmallestDecade; decade <= 0; decade += Step)
            {
                double error = CodecError.Near(codebook, Math.Pow(10, decade));
                if (error is > 0 and <= 1)
                {
                    places.Add(decade);
                    errors.Add(Math.Log10(100 * error));
                }
            }

            ScottPlot.Plottables.Scatter line = plot.Add.ScatterLine(places.ToArray(), errors.ToArray());
            line.Color = Colors[i];
            line.LineWidth = 2;
            line.LegendText = $"{codec}";
        }

        plot.Title($"{title}: largest error of the nearest code");
        plot.XLabel("magnitude, in units of the block's absmax");
        plot.YLabel("relative error, %");
        plot.Axes.SetLimits(SmallestDecade, 0, -1, 2);
        plot.Axes.Bottom.TickGenerator = Decades();
        plot.Axes.Left.TickGenerator = Decades();
        plot.ShowLegend(Alignment.LowerLeft);
        plot.SavePng(path, Width, Height);
    }

    private static void SaveValues(string path, Codec[] codecs)
    {
        using var plot = new Plot();
        foreach ((int i, Codec codec) in codecs.Index())
        {
            double[] magnitudes =
            [
                .. Codebook.For(codec).Values.ToArray().Where(value => value > 0f).Distinct().Order()
                    .Select(value => Math.Log10(value)),
            ];
            ScottPlot.Plottables.Scatter dots = plot.Add.ScatterPoints(
                magnitudes, [.. magnitudes.Select(_ => (double)(codecs.Length - i))]);
            dots.Color = Colors[i % Colors.Length];
            dots.MarkerShape = MarkerShape.VerticalBar;
            dots.MarkerSize = 12;
        }

        plot.Title("Positive values of the codecs");
        plot.XLabel("value, in units of the block's absmax");
        plot.Axes.Bottom.TickGenerator = Decades();
        plot.Axes.Left.SetTicks(
            [.. codecs.Select((_, i) => (double)(codecs.Length - i))], [.. codecs.Select(codec => $"{codec}")]);
        plot.Axes.SetLimits(-10, 0.2, 0.4, codecs.Length + 0.6);
        plot.SavePng(path, Width, Height);
    }

    private static NumericAutomatic Decades() => new()
    {
        IntegerTicksOnly = true,
        LabelFormatter = decade => decade == 0 ? "1" : $"1e{decade:0}",
    };
}
