using Spectre.Console;

namespace Requant.Samples.DataParallel;

/// <summary>What is printed at the end.</summary>
internal static class Report
{
    /// <summary>A row per figure.</summary>
    /// <param name="plan">What was trained.</param>
    /// <param name="library">What carried the bytes between ranks; null for one process.</param>
    /// <param name="result">How it went.</param>
    public static void Print(TrainingPlan plan, string? library, RunResult result)
    {
        Table table = new Table().HideHeaders().AddColumns("", "");
        Row("ranks", library is null ? $"{plan.Ranks}, one after the other in one process" : $"{plan.Ranks}");
        Row("MPI", library ?? "none");
        Row("global batch", $"{plan.GlobalBatch} pieces of {TrainingRun.Shape.Context} characters, "
            + $"{plan.MicroBatch} a rank");
        Row("training loss, last step", Loss(result.TrainingLosses[^1]));
        Row("validation loss", Loss(result.ValidationLoss));
        // What ranks keep adds up to what one process keeps.
        long all = result.StateBytes.Sum();
        Row("states of one process", Invariant($"{all:N0} bytes"));
        if (library is not null)
        {
            for (int rank = 0; rank < result.StateBytes.Count; rank++)
            {
                long mine = result.StateBytes[rank];
                Row($"states of rank {rank}", Invariant($"{mine:N0} bytes, {100.0 * mine / all:0.0} % of it"));
            }

            double mean = (double)all / result.StateBytes.Count;
            Row("largest / mean", Invariant($"{result.StateBytes.Max() / mean:0.000}"));
        }

        AnsiConsole.Write(table);

        void Row(string name, string value) => table.AddRow(name, Markup.Escape(value));
    }

    /// <summary>Nine digits tell any two float32 numbers apart.</summary>
    private static string Loss(double loss) => Invariant($"{loss:0.000000000}");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
