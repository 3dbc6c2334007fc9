namespace Requant.Samples.StateComparison;

/// <summary>What became of a task's runs with one optimizer and setting, against float32 states of
/// the same seeds.</summary>
/// <param name="Task">Its name.</param>
/// <param name="Optimizer">Its name.</param>
/// <param name="Setting">How states were kept.</param>
/// <param name="Losses">Of the seeds that are done.</param>
/// <param name="Increases">loss / loss32 - 1 of the same seed, for those seeds.</param>
internal sealed record Cell(
    string Task, string Optimizer, StateSetting Setting, IReadOnlyList<double> Losses, IReadOnlyList<double> Increases)
{
    /// <summary>Mean of <see cref="Increases"/>.</summary>
    public double MeanIncrease => Increases.Average();

    /// <summary>Standard error of <see cref="MeanIncrease"/>; NaN for one seed.</summary>
    public double IncreaseError => Deviation(Increases) / Math.Sqrt(Increases.Count);

    /// <summary>Mean of <see cref="Losses"/>.</summary>
    public double MeanLoss => Losses.Average();

    /// <summary>How far losses of different seeds part: their standard deviation over their mean; NaN
    /// for one seed.</summary>
    public double Spread => Deviation(Losses) / MeanLoss;

    private static double Deviation(IReadOnlyList<double> values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
    }
}

/// <summary>A setting over all tasks and optimizers.</summary>
/// <param name="Setting">Of both states. Of optimizers without v it is the setting with the same m that counts.</param>
/// <param name="Worst">The largest mean increase, by optimizer.</param>
/// <param name="Failures">Cells that are neither within <see cref="Comparison.Allowed"/> nor at most
/// the paper's.</param>
internal sealed record Verdict(
    StateSetting Setting, IReadOnlyDictionary<string, double> Worst, IReadOnlyList<Cell> Failures);

/// <summary>Results by task, optimizer and setting.</summary>
internal sealed class Comparison
{
    /// <summary>A mean loss at most this much above float32's is as good.</summary>
    public const double Allowed = 0.005;

    /// <summary>Compares the runs that are done; those without a float32 run of their seed are left out.</summary>
    public Comparison(IEnumerable<RunResult> results)
    {
        Cells =
        [
            .. from one in results
               group one by (one.Plan.Task, one.Plan.Optimizer) into pair
               let exact = pair.Where(run => run.Plan.Setting == StateSetting.Float32)
                   .ToDictionary(run => run.Plan.Seed, run => run.Loss)
               from runs in pair.Where(run => exact.ContainsKey(run.Plan.Seed)).GroupBy(run => run.Plan.Setting)
               select new Cell(
                   pair.Key.Task.Choice.Name, pair.Key.Optimizer.Name, runs.Key, [.. runs.Select(run => run.Loss)],
                   [.. runs.Select(run => (run.Loss / exact[run.Plan.Seed]) - 1)]),
        ];
    }

    /// <summary>Every combination that has a run.</summary>
    public IReadOnlyList<Cell> Cells { get; }

    /// <summary>The cell of a combination, or null.</summary>
    public Cell? Find(string task, string optimizer, StateSetting setting) =>
        Cells.FirstOrDefault(cell => (cell.Task, cell.Optimizer, cell.Setting) == (task, optimizer, setting));

    /// <summary>All settings but float32.</summary>
    public IReadOnlyList<Verdict> Verdicts() =>
        [.. StateSetting.All.Where(setting => setting != StateSetting.Float32).Select(Judge)];

    private Verdict Judge(StateSetting setting)
    {
        Cell[] cells = [.. Cells.Where(cell => cell.Setting == Counting(setting, cell.Optimizer))];
        return new Verdict(setting,
            cells.GroupBy(cell => cell.Optimizer)
                .ToDictionary(group => group.Key, group => group.Max(cell => cell.MeanIncrease)),
            [.. cells.Where(cell => !(cell.MeanIncrease <= Allowed || cell.MeanIncrease <= PaperIncrease(cell)))]);
    }

    private double PaperIncrease(Cell cell) =>
        Find(cell.Task, cell.Optimizer, StateSetting.Paper)?.MeanIncrease ?? double.NegativeInfinity;

    private static StateSetting Counting(StateSetting setting, string optimizer) =>
        OptimizerChoice.Find(optimizer).Settings.First(one => one == setting || (one.First == setting.First
            && !OptimizerChoice.Find(optimizer).HasSecondMoment));
}
