using System.Text.Json;
using System.Text.Json.Serialization;

namespace Requant.Samples.StateComparison;

/// <summary>Tables in Markdown, and figures in JSON.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>For each optimizer a row per setting and a column per task.</summary>
    public static void PrintOptimizers(Comparison comparison)
    {
        string[] tasks = [.. comparison.Cells.Select(cell => cell.Task).Distinct()];
        foreach (string name in comparison.Cells.Select(cell => cell.Optimizer).Distinct())
        {
            var optimizer = OptimizerChoice.Find(name);
            Console.WriteLine($"\n| {optimizer.Title} | {string.Join(" | ", tasks)} |");
            Console.WriteLine($"|---|{string.Concat(tasks.Select(_ => "---:|"))}");
            foreach (StateSetting setting in optimizer.Settings)
            {
                string title = optimizer.HasSecondMoment ? setting.Title : setting.SignedTitle;
                Console.WriteLine($"| {title} | "
                    + $"{string.Join(" | ", tasks.Select(task => Text(comparison.Find(task, name, setting))))} |");
            }
        }
    }

    /// <summary>A row per setting: whether it is good enough everywhere.</summary>
    public static void PrintVerdicts(Comparison comparison)
    {
        string[] optimizers = [.. comparison.Cells.Select(cell => cell.Optimizer).Distinct()];
        Console.WriteLine("| worst mean increase | "
            + $"{string.Join(" | ", optimizers.Select(name => OptimizerChoice.Find(name).Title))} | neither within "
            + "0.5 % nor at most Dynamic's |");
        Console.WriteLine($"|---|{string.Concat(optimizers.Select(_ => "---:|"))}---|");
        foreach (Verdict verdict in comparison.Verdicts())
        {
            IEnumerable<string> worst = optimizers.Select(
                name => verdict.Worst.TryGetValue(name, out double value) ? Percent(value) : "");
            string failures = string.Join(", ", verdict.Failures.Select(cell => $"{cell.Task} with {cell.Optimizer}"));
            Console.WriteLine($"| {verdict.Setting.Title} | {string.Join(" | ", worst)} | "
                + $"{(failures.Length > 0 ? failures : "none")} |");
        }
    }

    /// <summary>Writes all figures.</summary>
    public static void WriteJson(string path, IReadOnlyList<RunResult> results)
    {
        var comparison = new Comparison(results);
        var figures = new
        {
            Cells = comparison.Cells.Select(cell => new
            {
                cell.Task, cell.Optimizer, Setting = cell.Setting.Name, Seeds = cell.Losses.Count, cell.MeanLoss,
                cell.Spread,
                cell.MeanIncrease, cell.IncreaseError,
            }),
            Runs = results.Select(run => new
            {
                Task = run.Plan.Task.Choice.Name, Optimizer = run.Plan.Optimizer.Name, Setting = run.Plan.Setting.Name,
                run.Plan.Seed,
                run.Plan.Steps, run.Plan.LearningRate, run.Loss, run.Seconds,
            }),
        };
        File.WriteAllText(path, JsonSerializer.Serialize(figures, Json) + "\n");
    }

    /// <summary>A loss; one of a diverged model has no digits worth reading.</summary>
    public static string Loss(double loss) => loss switch
    {
        double.PositiveInfinity => "not finite",
        >= 1000 => Invariant($"{loss:0e0}"),
        _ => Invariant($"{loss:0.0000}"),
    };

    private static string Text(Cell? cell) => cell switch
    {
        null => "",
        { Setting: var setting } when setting == StateSetting.Float32 =>
            $"{Loss(cell.MeanLoss)}{Error(cell.Spread)}",
        _ => $"{Percent(cell.MeanIncrease)}{Error(cell.IncreaseError)}",
    };

    private static string Percent(double share) => share switch
    {
        double.PositiveInfinity => "not finite",
        >= 10 => Invariant($"+{100 * share:0e0} %"),
        _ => Invariant($"{100 * share:+0.00;-0.00;0.00} %"),
    };

    private static string Error(double share) => double.IsNaN(share) ? "" : Invariant($" ± {100 * share:0.00} %");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
