using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace Requant.Samples.CharLm;

/// <summary>What is printed and written at the end.</summary>
internal static class Report
{
    /// <summary>How far the 8-bit validation loss may be above the 32-bit one: between runs that differ in their seed
    /// alone the losses of this model differ by about one percent.</summary>
    public const double AllowedLossIncrease = 0.02;

    /// <summary>A row per run.</summary>
    public static void PrintTable(IEnumerable<RunResult> results)
    {
        Table table = new Table().AddColumns("", "embedding", "validation loss", "state bytes per parameter",
            "optimizer ms", "step ms");
        foreach (RunResult result in results)
        {
            table.AddRow(result.Title, result.StableEmbedding ? "stable" : "plain",
                Invariant($"{result.ValidationLoss:0.0000}"),
                Invariant($"{result.StateBytesPerParameter:0.00}"), Invariant($"{result.OptimizerMilliseconds:0.00}"),
                Invariant($"{result.StepMilliseconds:0.0}"));
        }

        AnsiConsole.Write(table);
    }

    /// <summary>Says whether the 8-bit run kept up.</summary>
    /// <returns>Whether it did.</returns>
    public static bool PrintVerdict(RunResult baseline, RunResult quantized)
    {
        double increase = (quantized.ValidationLoss / baseline.ValidationLoss) - 1;
        bool isGood = increase <= AllowedLossIncrease;
        string verdict = string.Create(CultureInfo.InvariantCulture,
            $"8-bit loss is {Math.Abs(increase):P2} {(increase > 0 ? "above" : "below")} the 32-bit one; ")
            + string.Create(CultureInfo.InvariantCulture, $"up to {AllowedLossIncrease:P0} above is allowed.");
        AnsiConsole.MarkupLineInterpolated($"[{(isGood ? "green" : "red")}]{verdict}[/]");
        Console.WriteLine(Remark(baseline, quantized));

        return isGood;
    }

    /// <summary>What a verdict is of.</summary>
    public static string Remark(RunResult baseline, RunResult quantized) =>
        quantized.StableEmbedding == baseline.StableEmbedding
        ? "Both runs have the same embedding and the same batches: they differ in their states alone."
        : "The stable embedding has a part in that; without --embedding both runs have the plain one and differ in "
            + "their states alone.";

    /// <summary>Writes the figures as JSON; null for a run that did not take place.</summary>
    public static void WriteJson(string path, RunResult? baseline, RunResult? quantized, int steps)
    {
        var figures = new Figures(baseline?.ValidationLoss, quantized?.ValidationLoss,
            baseline?.StateBytesPerParameter, quantized?.StateBytesPerParameter,
            baseline?.OptimizerMilliseconds, quantized?.OptimizerMilliseconds, steps);
        File.WriteAllText(path, JsonSerializer.Serialize(figures) + "\n");
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private sealed record Figures(
        [property: JsonPropertyName("val_loss_32")] double? ValidationLoss32,
        [property: JsonPropertyName("val_loss_8")] double? ValidationLoss8,
        [property: JsonPropertyName("state_bytes_per_param_32")] double? StateBytesPerParameter32,
        [property: JsonPropertyName("state_bytes_per_param_8")] double? StateBytesPerParameter8,
        [property: JsonPropertyName("optimizer_ms_32")] double? OptimizerMilliseconds32,
        [property: JsonPropertyName("optimizer_ms_8")] double? OptimizerMilliseconds8,
        [property: JsonPropertyName("steps")] int Steps);
}
