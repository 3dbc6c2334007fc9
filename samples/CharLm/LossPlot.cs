using ScottPlot;

namespace Requant.Samples.CharLm;

/// <summary>Draws loss curves.</summary>
internal static class LossPlot
{
    private const int Width = 900;
    private const int Height = 560;
    private const double SmoothingWindowFraction = 0.03;

    private static readonly Color[] Colors = [Color.FromHex("#1f77b4"), Color.FromHex("#d62728")];

    /// <summary>Writes a PNG: training loss as lines, validation loss as dots.</summary>
    public static void Save(string path, IReadOnlyList<RunResult> results)
    {
        using var plot = new Plot();
        for (int i = 0; i < results.Count; i++)
        {
            RunResult run = results[i];
            // The second curve is dashed so that the first shows below it where they agree.
            LinePattern pattern = i == 0 ? LinePattern.Solid : LinePattern.Dashed;
            ScottPlot.Plottables.Scatter training = plot.Add.ScatterLine(
                [.. Enumerable.Range(1, run.TrainingLosses.Count).Select(step => (double)step)],
                    Smooth(run.TrainingLosses));
            training.Color = Colors[i];
            training.LineWidth = 2;
            training.LinePattern = pattern;
            training.LegendText = run.Title + ", training (smoothed)";
            ScottPlot.Plottables.Scatter validation = plot.Add.ScatterPoints(
                run.ValidationLosses.Select(point => (double)point.Step).ToArray(),
                run.ValidationLosses.Select(point => point.Loss).ToArray());
            validation.Color = Colors[i];
            validation.MarkerSize = i == 0 ? 11 : 6;
            validation.MarkerShape = i == 0 ? MarkerShape.OpenCircle : MarkerShape.FilledCircle;
            validation.LegendText = run.Title + ", validation";
        }

        plot.Title("Character model: loss");
        plot.XLabel("step");
        plot.YLabel("cross entropy, nats per character");
        plot.ShowLegend(Alignment.UpperRight);
        plot.SavePng(path, Width, Height);
    }

    private static double[] Smooth(IReadOnlyList<double> losses)
    {
        int reach = (int)(losses.Count * SmoothingWindowFraction / 2);
        return [.. losses.Select((_, i) => losses.Skip(i - reach).Take(reach + Math.Min(i, reach) + 1).Average())];
    }
}
