using System.Text.RegularExpressions;
using ScottPlot;

namespace Requant.Samples.PaperAblation;

/// <summary>Draws where runs ended.</summary>
internal static partial class AblationPlot
{
    private const int Width = 1500;
    private const int Height = 600;
    private const double HeadroomNats = 0.4;
    private const double JitterWidth = 0.6;
    private const double MedianHalfWidth = 0.38;

    private static readonly Color[] Colors =
    [
        .. new[]
        {
            "#1f77b4", "#17becf", "#7f0000", "#d62728", "#8c564b", "#bcbd22", "#ff7f0e", "#e377c2", "#98df8a",
            "#2ca02c", "#9467bd",
            "#17a2a2",
        }.Select(Color.FromHex),
    ];

    /// <summary>Writes a PNG: a dot for each run, a bar at each variant's median; what is off the scale, as losses of
    /// diverged runs are, stands as a cross at its top.</summary>
    public static void Save(string path, IReadOnlyList<RunResult> results, double frequencyLoss)
    {
        using var plot = new Plot();
        double top = frequencyLoss + HeadroomNats;
        foreach ((int column, Variant variant) in Variant.All.Index())
        {
            double[] losses = [.. results.Where(run => run.Plan.Variant == variant).Select(run => run.Loss)];
            AddDots(plot, column, losses, top);
            double median = Math.Min(Summary.Median(losses), top);
            ScottPlot.Plottables.LinePlot bar = plot.Add.Line(
                column - MedianHalfWidth, median, column + MedianHalfWidth, median);
            bar.Color = Colors[column];
            bar.LineWidth = 3;
        }

        ScottPlot.Plottables.HorizontalLine frequency = plot.Add.HorizontalLine(frequencyLoss);
        frequency.Color = ScottPlot.Colors.Gray;
        frequency.LinePattern = LinePattern.Dashed;
        frequency.LegendText = "word frequencies alone";
        plot.Axes.Bottom.SetTicks([.. Variant.All.Select((_, column) => (double)column)],
            [.. Variant.All.Select(variant => Wrap(variant.Title))]);
        plot.Axes.SetLimitsY(Math.Min(top - 1, results.Min(run => run.Loss) - HeadroomNats), top + (HeadroomNats / 2));
        plot.Title("Loss at the end of each run; bars: medians; crosses: off the scale");
        plot.YLabel("validation cross entropy, nats per word");
        plot.ShowLegend(Alignment.LowerLeft);
        plot.SavePng(path, Width, Height);
    }

    private static string Wrap(string title) =>
        BeforeQualifier().Replace(title.Replace(", ", ",\n", StringComparison.Ordinal), "\n");

    [GeneratedRegex(" (?=as printed|repaired|\\+)")]
    private static partial Regex BeforeQualifier();

    private static void AddDots(Plot plot, int column, double[] losses, double top)
    {
        double Place(int i) => column + (JitterWidth * (((i + 0.5) / losses.Length) - 0.5));
        foreach (bool fits in new[] { true, false })
        {
            int[] chosen = [.. Enumerable.Range(0, losses.Length).Where(i => losses[i] < top == fits)];
            if (chosen.Length > 0)
            {
                ScottPlot.Plottables.Scatter dots = plot.Add.ScatterPoints(
                    chosen.Select(Place).ToArray(), chosen.Select(i => Math.Min(losses[i], top)).ToArray());
                dots.Color = Colors[column];
                dots.MarkerSize = 7;
                dots.MarkerShape = fits ? MarkerShape.OpenCircle : MarkerShape.Eks;
            }
        }
    }
}
