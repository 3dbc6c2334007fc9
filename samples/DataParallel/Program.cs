using System.CommandLine;
using Requant.Distributed;
using TorchSharp;

namespace Requant.Samples.DataParallel;

/// <summary>Trains a character model on several ranks, or as they would in one process.</summary>
internal static class Program
{
    private const int DefaultSteps = 400;
    private const int DefaultRanks = 2;
    private const int DefaultBatch = 16;

    private static readonly Option<int?> Ranks = new("--ranks")
    {
        Description = $"Ranks whose micro-batches one process takes, one after the other. Default: {DefaultRanks}; "
            + "under mpirun, those that it started.",
    };

    private static readonly Option<int> Steps = new("--steps")
    {
        Description = "Training steps.", DefaultValueFactory = _ => DefaultSteps,
    };

    private static readonly Option<int> Batch = new("--batch")
    {
        Description = "Pieces of the text that all ranks together take in a step.",
        DefaultValueFactory = _ => DefaultBatch,
    };

    private static readonly Option<int> Threads = new("--threads")
    {
        Description = "Threads of libtorch in each process. Runs with the same number have the same bits.",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<string?> Data = new("--data")
    {
        Description = "Text file to train on. Default: the documentation of the installed .NET SDK.",
    };

    private static readonly Option<int> Seed = new("--seed")
    {
        Description = "Seed of weights and batches.", DefaultValueFactory = _ => 1,
    };

    private static readonly Option<string?> Losses = new("--losses")
    {
        Description = "File for the losses of all steps and, in its last line, of validation, with all their bits.",
    };

    private static int Main(string[] args) => Run(args);

    /// <summary>Runs the command.</summary>
    internal static int Run(string[] args)
    {
        var command = new RootCommand(
            "Trains a small character-level transformer with 8-bit optimizer states that are spread over the ranks of "
            + "mpirun. Without mpirun one process does the work of all ranks, with the same losses.")
        {
            Ranks, Steps, Batch, Threads, Data, Seed, Losses,
        };
        command.SetAction(Run);
        return SampleCommand.Run(command, args);
    }

    private static int Run(ParseResult options)
    {
        int? given = options.GetValue(Ranks) is int count ? SampleCommand.AtLeast(1, Ranks, count) : null;
        int steps = SampleCommand.AtLeast(1, Steps, options.GetValue(Steps));
        int batch = SampleCommand.AtLeast(1, Batch, options.GetValue(Batch));
        int threads = SampleCommand.AtLeast(1, Threads, options.GetValue(Threads));
        string? losses = options.GetValue(Losses) is string path ? SampleCommand.WritablePath(Losses, path) : null;

        using ICommunicator? ranks = Communicator.HasLauncher ? Communicator.Mpi() : null;
        var plan = new TrainingPlan(ranks?.Size ?? given ?? DefaultRanks, steps, batch, options.GetValue(Seed));
        if (given is int wanted && wanted != plan.Ranks)
        {
            throw new UsageException($"--ranks is {wanted}, and mpirun started {plan.Ranks}. Leave --ranks out.");
        }

        if (batch % plan.Ranks != 0)
        {
            throw new UsageException($"--batch is {batch}, which {plan.Ranks} ranks cannot share evenly. Choose a "
                + $"multiple of {plan.Ranks}.");
        }

        Corpus corpus = options.GetValue(Data) is string file
            ? Corpus.FromFile(file)
            : Corpus.FromDotnetDocumentation();
        OpenMp.LimitSpinning();
        torch.set_num_threads(threads);
        using var run = new TrainingRun(corpus, plan, ranks);
        if (ranks is { Rank: > 0 })
        {
            run.Train(static (_, _, _) => { });
            return 0;
        }

        Console.WriteLine($"Text: {corpus.Source}, {corpus.Training.Length:N0} characters to train on, "
            + $"{corpus.Validation.Length:N0} to validate, {corpus.VocabularySize} different");
        RunResult result = TrainingProgress.Show("8-bit Adam", steps, run.Train);
        Console.WriteLine($"Model: {result.ParameterCount:N0} parameters, {steps} steps from seed {plan.Seed}");
        Report.Print(plan, ranks?.Library, result);
        if (losses is not null)
        {
            result.WriteLosses(losses);
            Console.WriteLine($"Losses: {Path.GetFullPath(losses)}");
        }

        return 0;
    }
}
