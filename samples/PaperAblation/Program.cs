using System.CommandLine;
using TorchSharp;

namespace Requant.Samples.PaperAblation;

/// <summary>The paper's ablation in miniature, and the errors of quantized states.</summary>
internal static class Program
{
    private const int DefaultSteps = 250;
    private const int DefaultSeeds = 3;
    private const int QuickSteps = 100;
    private const int RecordedPoints = 4;

    private static readonly Option<bool> Quick = new("--quick")
    {
        Description = $"A minute: one seed, the three values of eps, {QuickSteps} steps.",
    };

    private static readonly Option<int?> Seeds = new("--seeds")
    {
        Description = $"Seeds of each setting. Default: {DefaultSeeds}.",
    };

    private static readonly Option<string?> Grid = new("--grid")
    {
        Description = "one: the default hyperparameters and all that differ in one of them; full: every combination; "
            + "eps: the three values of eps. Default: one.",
    };

    private static readonly Option<int?> Steps = new("--steps")
    {
        Description = $"Training steps of each run. Default: {DefaultSteps}.",
    };

    private static readonly Option<int> Vocabulary = new("--vocabulary")
    {
        Description = "Different words that are told apart.", DefaultValueFactory = _ => 2048,
    };

    private static readonly Option<float> LearningRate = new("--lr")
    {
        Description = "Highest learning rate.", DefaultValueFactory = _ => 4e-3f,
    };

    private static readonly Option<int> Workers = new("--workers")
    {
        Description = "Runs at a time, each on one thread.",
        DefaultValueFactory = _ => Math.Min(2, Environment.ProcessorCount),
    };

    private static readonly Option<string?> Json = new("--json") { Description = "File for the figures." };

    private static readonly Option<string> Plot = new("--plot")
    {
        Description = "File for the picture.", DefaultValueFactory = _ => "paper-ablation.png",
    };

    private static int Main(string[] args) => Run(args);

    /// <summary>The command.</summary>
    /// <returns>0: done; 2: usage.</returns>
    public static int Run(string[] args)
    {
        var command = new RootCommand(
            "Ablation of 8-bit Adam on a small language model, as in table 3 of arXiv 2110.02861.")
        {
            Quick, Seeds, Grid, Steps, Vocabulary, LearningRate, Workers, Json, Plot,
        };
        command.SetAction(Run);
        return SampleCommand.Run(command, args);
    }

    private static int Run(ParseResult options)
    {
        bool quick = options.GetValue(Quick);
        int steps = SampleCommand.AtLeast(2, Steps, options.GetValue(Steps) ?? (quick ? QuickSteps : DefaultSteps));
        int seeds = SampleCommand.AtLeast(1, Seeds, options.GetValue(Seeds) ?? (quick ? 1 : DefaultSeeds));
        int vocabulary = SampleCommand.AtLeast(2, Vocabulary, options.GetValue(Vocabulary));
        int workers = SampleCommand.AtLeast(1, Workers, options.GetValue(Workers));
        float learningRate = options.GetValue(LearningRate);
        IReadOnlyList<Setting> settings = Settings(options.GetValue(Grid) ?? (quick ? "eps" : "one"));
        string plot = SampleCommand.WritablePath(Plot, options.GetValue(Plot)!);
        string? json = options.GetValue(Json) is string path ? SampleCommand.WritablePath(Json, path) : null;
        if (!(learningRate > 0 && float.IsFinite(learningRate)))
        {
            throw new UsageException($"--lr is {learningRate}; it has to be above 0.");
        }

        OpenMp.LimitSpinning();
        torch.set_num_threads(1);
        var corpus = WordCorpus.FromDotnetDocumentation(vocabulary);
        IReadOnlyList<RunPlan> plans = Experiment.Plan(settings, seeds, steps, learningRate);
        Console.WriteLine($"Text: {corpus.Source}, {corpus.Training.Length:N0} words to train on, "
            + $"{corpus.Validation.Length:N0} to validate, {vocabulary} different; knowing their frequencies "
            + "alone: loss "
            + Report.Loss(corpus.FrequencyLoss));
        Console.WriteLine($"{plans.Count} runs of {steps} steps: {Variant.All.Count} variants, {settings.Count} "
            + $"settings, {seeds} seeds");
        IReadOnlyList<RunResult> results = Experiment.Run(corpus, plans, workers,
            (run, done, elapsed) => PrintProgress(run, done, plans.Count, elapsed));
        var recorded = new RunPlan(Variant.All[0], Setting.Default, 1, steps, learningRate);
        IReadOnlyList<ErrorRow> errors = ErrorTable.Compute(
            ErrorTable.Record(corpus, recorded, RecordedPoints), recorded.Setting);
        Print(results, errors, corpus.FrequencyLoss);
        AblationPlot.Save(plot, results, corpus.FrequencyLoss);
        Console.WriteLine($"\nPicture: {Path.GetFullPath(plot)}");
        if (json is not null)
        {
            Report.WriteJson(json, results, errors, corpus.FrequencyLoss);
        }

        return 0;
    }

    private static void PrintProgress(RunResult run, int done, int count, TimeSpan elapsed)
    {
        TimeSpan left = elapsed / done * (count - done);
        Console.WriteLine($"[{done}/{count}] {run.Plan.Variant.Title}, {run.Plan.Setting}, seed {run.Plan.Seed}: loss "
            + $"{Report.Loss(run.Loss)} after {run.TrainingLosses.Count} steps, "
            + $"{Minutes(elapsed)} gone, {Minutes(left)} left");

        static string Minutes(TimeSpan time) => $"{(int)time.TotalMinutes}:{time.Seconds:00}";
    }

    private static void Print(IReadOnlyList<RunResult> results, IReadOnlyList<ErrorRow> errors, double frequencyLoss)
    {
        Console.WriteLine("\nEvery variant:\n");
        Report.PrintVariants(results, frequencyLoss);
        Console.WriteLine("\nUnstable runs and median loss by setting:\n");
        Report.PrintSettings(results, frequencyLoss);
        Console.WriteLine("\nErrors of Adam's update, from states recorded with 32-bit Adam:\n");
        Report.PrintErrors(errors);
    }

    private static IReadOnlyList<Setting> Settings(string grid) => grid switch
    {
        "one" => Setting.OneAtATime,
        "full" => Setting.Full,
        "eps" => Setting.EveryEps,
        _ => throw new UsageException($"--grid: there is no '{grid}'. Choose one, full or eps."),
    };
}
