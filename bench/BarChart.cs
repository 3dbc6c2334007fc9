using System.Globalization;
using ScottPlot;

namespace Requant.Bench;

/// <summary>Draws what several contestants do at several things as groups of horizontal bars.</summary>
internal static class BarChart
{
    private const int Width = 900;
    private const int GroupHeight = 26;
    private const int Margins = 120;
    private const double Gap = 1;
    private const double Headroom = 1.15;
    private const double LargeValue = 100;

    private static readonly Color[] OwnColors = [Color.FromHex("#d62728"), Color.FromHex("#ff9896")];
    private static readonly Color[] PeerColors = [Color.FromHex("#1f77b4"), Color.FromHex("#9e9e9e")];

    /// <summary>Writes a PNG.</summary>
    /// <param name="path">Where.</param>
    /// <param name="title">What it shows.</param>
    /// <param name="axis">What the length of a bar is, with its unit.</param>
    /// <param name="own">Contestants with 8-bit states: one or two names.</param>
    /// <param name="peers">Those beside them: one or two names.</param>
    /// <param name="groups">What they did, from the top, a value for each, own ones first; null where a contestant has
    /// none.</param>
    public static void Save(
        string path, string title, string axis, IReadOnlyList<string> own, IReadOnlyList<string> peers,
        IReadOnlyList<(string Name, IReadOnlyList<double?> Values)> groups)
    {
        string[] contestants = [.. own, .. peers];
        Color[] colors = [.. OwnColors.Take(own.Count), .. PeerColors.Take(peers.Count)];
        using var plot = new Plot();
        double pitch = contestants.Length + Gap;
        double largest = groups.Max(group => group.Values.Max()) ?? 0;
        for (int contestant = 0; contestant < contestants.Length; contestant++)
        {
            Bar[] bars =
            [
                .. from pair in groups.Index()
                   let value = pair.Item.Values[contestant]
                   where value is not null
                   select new Bar
                   {
                       Position = -((pair.Index * pitch) + contestant),
                       Value = value.Value,
                       FillColor = colors[contestant],
                       LineWidth = 0,
                       Orientation = Orientation.Horizontal,
                       Label = value.Value.ToString(
                           value.Value < LargeValue ? "G3" : "N0", CultureInfo.InvariantCulture),
                   },
            ];
            ScottPlot.Plottables.BarPlot series = plot.Add.Bars(bars);
            series.LegendText = contestants[contestant];
            series.ValueLabelStyle.FontSize = 10;
        }

        plot.Axes.Left.SetTicks(
            [.. groups.Select((_, i) => -((i * pitch) + ((contestants.Length - 1) / 2.0)))],
            [.. groups.Select(group => group.Name)]);
        plot.Axes.Left.MajorTickStyle.Length = 0;
        plot.Axes.SetLimits(0, Headroom * largest, -(groups.Count * pitch) + (Gap / 2), 1);
        plot.Grid.YAxisStyle.IsVisible = false;
        plot.Title(title);
        plot.XLabel(axis);
        plot.ShowLegend(Alignment.LowerRight);
        plot.SavePng(path, Width, Margins + (GroupHeight * groups.Count * contestants.Length / 2) + GroupHeight);
    }
}
