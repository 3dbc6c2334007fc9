using System.Globalization;
using System.Text;

namespace Requant.Samples.CharLm;

/// <summary>Every optimizer on the model, with the best of some learning rates: a table in Markdown.</summary>
internal static class OptimizerTable
{
    /// <summary>What the usual rate of each is multiplied by.</summary>
    private static readonly double[] Factors = [1.0 / 3, 1, 3];

    /// <summary>Trains with each optimizer and rate, in 32 bits and in 8, and writes the table after every
    /// optimizer.</summary>
    /// <param name="path">The file.</param>
    /// <param name="corpus">What to train on.</param>
    /// <param name="steps">Steps of each run.</param>
    /// <param name="seed">Of weights and batches.</param>
    /// <param name="names">Optimizers to try; all where there are none.</param>
    /// <param name="onlyUsual">Whether to try the usual rate alone.</param>
    public static void Write(
        string path, Corpus corpus, int steps, int seed, IReadOnlyList<string> names, bool onlyUsual)
    {
        var rows = new List<(OptimizerChoice Choice, Best Wide, Best Narrow)>();
        double[] factors = onlyUsual ? [1] : Factors;
        foreach (OptimizerChoice choice in names.Count > 0
            ? names.Select(OptimizerChoice.Find)
            : OptimizerChoice.All.Where(one => one.Is8Bit))
        {
            Best wide = Find(choice.Baseline, corpus, steps, seed, factors);
            Best narrow = Find(choice, corpus, steps, seed, factors);
            rows.Add((choice, wide, narrow));
            Console.WriteLine(Row(choice, wide, narrow));
            File.WriteAllText(path, Text(rows));
        }
    }

    private static Best Find(OptimizerChoice choice, Corpus corpus, int steps, int seed, double[] factors) => factors
        .Select(factor => choice.LearningRate * factor)
        .Select(rate => new Best(
            rate,
            new TrainingRun(
                corpus, choice with { LearningRate = rate }, stableEmbedding: false, steps, seed, validations: 1)
                .Train(static (_, _, _) => { })))
        .OrderBy(best => double.IsNaN(best.Run.ValidationLoss) ? double.PositiveInfinity : best.Run.ValidationLoss)
        .First();

    private static string Text(IEnumerable<(OptimizerChoice Choice, Best Wide, Best Narrow)> rows)
    {
        var text = new StringBuilder(
            "| optimizer | loss, 32 bits | loss, 8 bits | difference | rate, 32 | rate, 8 "
            + "| bytes a parameter, 32 | 8 | least ms a step, 32 | 8 |\n|---|---|---|---|---|---|---|---|---|---|\n");
        foreach ((OptimizerChoice choice, Best wide, Best narrow) in rows.OrderBy(row => row.Narrow.Run.ValidationLoss))
        {
            text.Append(Row(choice, wide, narrow)).Append('\n');
        }

        return text.ToString();
    }

    private static string Row(OptimizerChoice choice, Best wide, Best narrow) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {choice.Title["8-bit ".Length..]} | {wide.Run.ValidationLoss:0.000} | {narrow.Run.ValidationLoss:0.000} "
        + $"| {Math.Round(100 * ((narrow.Run.ValidationLoss / wide.Run.ValidationLoss) - 1), 1):+0.0;-0.0;0.0} % "
        + $"| {wide.Rate:G2} | {narrow.Rate:G2} | {wide.Run.StateBytesPerParameter:0.00} "
        + $"| {narrow.Run.StateBytesPerParameter:0.00} | {wide.Run.LeastOptimizerMilliseconds:0.0} "
        + $"| {narrow.Run.LeastOptimizerMilliseconds:0.0} |");

    private sealed record Best(double Rate, RunResult Run);
}
