using System.CommandLine;
using TorchSharp;

namespace Requant.Samples.StateComparison;

/// <summary>Small trainings whose optimizer states are kept in several ways.</summary>
internal static class Program
{
    private const int DefaultSeeds = 3;

    private static readonly float[] TuningFactors = [0.25f, 0.5f, 1, 2, 4];

    private static readonly Option<string[]> Tasks = new("--tasks")
    {
        Description = $"Some of {string.Join(", ", TaskChoice.All.Select(task => task.Name))}. Default: all.",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string[]> Optimizers = new("--optimizers")
    {
        Description =
            $"Some of {string.Join(", ", OptimizerChoice.All.Select(optimizer => optimizer.Name))}. Default: all.",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string[]> Settings = new("--settings")
    {
        Description = $"Some of {string.Join(", ", StateSetting.All.Select(setting => setting.Name))}; float32 always. "
            + "Default: all.",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<int> Seeds = new("--seeds")
    {
        Description = "Seeds of each combination.", DefaultValueFactory = _ => DefaultSeeds,
    };

    private static readonly Option<int?> Steps = new("--steps")
    {
        Description = "Training steps of each run. Default: the task's own.",
    };

    private static readonly Option<int> Workers = new("--workers")
    {
        Description = "Runs at a time, each on one thread.", DefaultValueFactory = _ => 1,
    };

    private static readonly Option<bool> Tune = new("--tune")
    {
        Description = "Train with float32 states, one seed and a few learning rates instead.",
    };

    private static readonly Option<string?> Json = new("--json")
    {
        Description = "File for the figures, which is written again after each run.",
    };

    private static int Main(string[] args) => Run(args);

    /// <summary>The command.</summary>
    /// <returns>0: done; 2: usage.</returns>
    public static int Run(string[] args)
    {
        var command = new RootCommand(
            "Compares ways to keep optimizer states in 8 bits, by the loss of small trainings.")
        {
            Tasks, Optimizers, Settings, Seeds, Steps, Workers, Tune, Json,
        };
        command.SetAction(Run);
        return SampleCommand.Run(command, args);
    }

    private static int Run(ParseResult options)
    {
        TaskChoice[] choices = Chosen(options.GetValue(Tasks), TaskChoice.Find, TaskChoice.All);
        OptimizerChoice[] optimizers = Chosen(options.GetValue(Optimizers), OptimizerChoice.Find, OptimizerChoice.All);
        StateSetting[] settings =
            [StateSetting.Float32, .. Chosen(options.GetValue(Settings), StateSetting.Find, StateSetting.All)];
        int seeds = SampleCommand.AtLeast(1, Seeds, options.GetValue(Seeds));
        int? steps = options.GetValue(Steps) is int given ? SampleCommand.AtLeast(1, Steps, given) : null;
        int workers = SampleCommand.AtLeast(1, Workers, options.GetValue(Workers));
        string? json = options.GetValue(Json) is string path ? SampleCommand.WritablePath(Json, path) : null;

        OpenMp.LimitSpinning();
        torch.set_num_threads(1);
        TrainingTask[] tasks = [.. choices.Select(choice => choice.Create())];
        bool tune = options.GetValue(Tune);
        IReadOnlyList<RunPlan> plans = tune
            ? Experiment.PlanTuning(tasks, optimizers, TuningFactors, steps)
            : Experiment.Plan(tasks, optimizers, settings, seeds, steps);
        Console.WriteLine($"{plans.Count} runs");
        List<RunResult> done = [];
        IReadOnlyList<RunResult> results = Experiment.Run(plans, workers, (run, count, elapsed) =>
        {
            done.Add(run);
            PrintProgress(run, count, plans.Count, elapsed);
            if (json is not null)
            {
                Report.WriteJson(json, done);
            }
        });
        if (!tune)
        {
            Print(new Comparison(results));
        }

        return 0;
    }

    private static void PrintProgress(RunResult run, int done, int count, TimeSpan elapsed)
    {
        TimeSpan left = elapsed / done * (count - done);
        Console.WriteLine(
            FormattableString.Invariant($"[{done}/{count}] {run.Plan.Task.Choice.Name}, {run.Plan.Optimizer.Name}, ")
            + FormattableString.Invariant(
                $"{run.Plan.Setting.Name}, seed {run.Plan.Seed}, rate {run.Plan.LearningRate:0.#e0}: loss ")
            + FormattableString.Invariant(
                $"{Report.Loss(run.Loss)} after {run.Seconds:0.0} s, {elapsed.TotalMinutes:0} minutes gone, ")
            + FormattableString.Invariant($"{left.TotalMinutes:0} left"));
    }

    private static void Print(Comparison comparison)
    {
        Console.WriteLine(
            "\nLoss of float32 states ± its spread between seeds; of others the mean increase ± its standard error:");
        Report.PrintOptimizers(comparison);
        Console.WriteLine("\nEvery pair:\n");
        Report.PrintVerdicts(comparison);
    }

    private static T[] Chosen<T>(string[]? names, Func<string, T> find, IReadOnlyList<T> all) =>
        names is { Length: > 0 } ? [.. names.Distinct().Select(find)] : [.. all];
}
