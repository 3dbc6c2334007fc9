using System.CommandLine;
using TorchSharp;

namespace Requant.Samples.CharLm;

/// <summary>Trains a character model with 32-bit and with 8-bit optimizer states, and compares.</summary>
internal static class Program
{
    private const int ExitFailed = 1;
    private const int Threads = 2;
    private const int DefaultSteps = 500;

    private static readonly Option<int> Steps = new("--steps")
    {
        Description = "Training steps of each run.", DefaultValueFactory = _ => DefaultSteps,
    };

    private static readonly Option<string> Optimizer = new("--optimizer")
    {
        Description = "One of " + string.Join(", ", OptimizerChoice.All.Select(choice => choice.Name)) + ".",
        DefaultValueFactory = _ => "adam",
    };

    private static readonly Option<bool?> Compare = new("--compare")
    {
        Description = "Train with the 32-bit form of the optimizer too. Default: true for an 8-bit optimizer.",
    };

    private static readonly Option<string> Embedding = new("--embedding")
    {
        Description = EmbeddingChoice.Description, DefaultValueFactory = _ => EmbeddingChoice.Default,
    };

    private static readonly Option<string?> Data = new("--data")
    {
        Description = "Text file to train on. Default: the documentation of the installed .NET SDK.",
    };

    private static readonly Option<int> Seed = new("--seed")
    {
        Description = "Seed of weights and batches.", DefaultValueFactory = _ => 1,
    };

    private static readonly Option<string?> Json = new("--json") { Description = "File for the figures." };

    private static readonly Option<string> Plot = new("--plot")
    {
        Description = "File for the picture of the loss curves.", DefaultValueFactory = _ => "charlm.png",
    };

    private static readonly Option<string[]> TableOf = new("--table-of")
    {
        Description = "With --table, the optimizers; all when not given.", AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<bool> UsualRate = new("--usual-rate")
    {
        Description = "With --table, the usual rate of each alone instead of a third of it, it and thrice it.",
    };

    private static readonly Option<string?> TableFile = new("--table")
    {
        Description = "Train with every optimizer instead, in 32 bits and in 8, at three learning rates each, and "
            + "write a table in Markdown to this file.",
    };

    private static int Main(string[] args) => Run(args);

    /// <summary>Runs the command.</summary>
    internal static int Run(string[] args)
    {
        var command = new RootCommand("Trains a small character-level transformer with 8-bit optimizer states.")
        {
            Steps, Optimizer, Compare, Embedding, Data, Seed, Json, Plot, TableFile, TableOf, UsualRate,
        };
        command.SetAction(Run);
        return SampleCommand.Run(command, args);
    }

    private static int Run(ParseResult options)
    {
        int steps = SampleCommand.AtLeast(1, Steps, options.GetValue(Steps));
        OptimizerChoice choice = OptimizerChoice.Find(options.GetValue(Optimizer)!);
        OptimizerChoice[] choices = Choices(choice, options.GetValue(Compare));
        EmbeddingChoice embedding = EmbeddingChoice.Find(options.GetValue(Embedding)!);
        string plot = SampleCommand.WritablePath(Plot, options.GetValue(Plot)!);
        string? json = options.GetValue(Json) is string path ? SampleCommand.WritablePath(Json, path) : null;
        Corpus corpus = options.GetValue(Data) is string file
            ? Corpus.FromFile(file)
            : Corpus.FromDotnetDocumentation();
        Console.WriteLine($"Text: {corpus.Source}, {corpus.Training.Length:N0} characters to train on, "
            + $"{corpus.Validation.Length:N0} to validate, {corpus.VocabularySize} different");

        OpenMp.LimitSpinning();
        torch.set_num_threads(Threads);
        int seed = options.GetValue(Seed);
        if (options.GetValue(TableFile) is string table)
        {
            OptimizerTable.Write(
                SampleCommand.WritablePath(TableFile, table), corpus, steps, seed, options.GetValue(TableOf)!,
                options.GetValue(UsualRate));
            return 0;
        }

        RunResult[] results = [.. choices.Select(each =>
            TrainingProgress.Show(
                each.Title, steps, new TrainingRun(corpus, each, embedding.IsStable(each), steps, seed).Train))];
        Console.WriteLine($"Model: {results[0].ParameterCount:N0} parameters, {steps} steps from seed {seed}");
        Report.PrintTable(results);
        LossPlot.Save(plot, results);
        Console.WriteLine($"Loss curves: {Path.GetFullPath(plot)}");

        RunResult? baseline = choices[0].Is8Bit ? null : results[0];
        RunResult? quantized = choices[^1].Is8Bit ? results[^1] : null;
        if (json is not null)
        {
            Report.WriteJson(json, baseline, quantized, steps);
        }

        return baseline is null || quantized is null || Report.PrintVerdict(baseline, quantized) ? 0 : ExitFailed;
    }

    private static OptimizerChoice[] Choices(OptimizerChoice choice, bool? compare)
    {
        if (compare == true && !choice.Is8Bit)
        {
            throw new UsageException($"--compare: '{choice.Name}' has 32-bit states, so there is nothing to "
                + "compare it with. Name an 8-bit optimizer, or leave --compare out.");
        }

        return compare ?? choice.Is8Bit ? [choice.Baseline, choice] : [choice];
    }
}
