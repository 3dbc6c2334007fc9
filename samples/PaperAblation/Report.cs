using System.Text.Json;
using System.Text.Json.Serialization;

namespace Requant.Samples.PaperAblation;

/// <summary>Tables in Markdown, and figures in JSON.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>A row per variant, as the paper's table 3.</summary>
    public static void PrintVariants(IReadOnlyList<RunResult> results, double frequencyLoss)
    {
        Console.WriteLine(
            "| Adam | runs | diverged | unstable | median loss | of stable runs | perplexity of stable runs |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|");
        foreach ((Variant variant, Summary summary) in Summarize(results, frequencyLoss))
        {
            Console.WriteLine($"| {variant.Title} | {summary.Runs} | {Percent(summary.Diverged, summary.Runs)} | "
                + $"{Percent(summary.Unstable, summary.Runs)} | {Loss(summary.MedianLoss)} | "
                + $"{Loss(summary.MedianStableLoss)} | "
                + $"{(summary.MedianStableLoss is double loss ? Invariant($"{Math.Exp(loss):0.0}") : "-")} |");
        }
    }

    /// <summary>A row per variant: for each setting the unstable runs, where there are any, and the
    /// median loss.</summary>
    public static void PrintSettings(IReadOnlyList<RunResult> results, double frequencyLoss)
    {
        ILookup<Setting, RunResult> settings = results.ToLookup(run => run.Plan.Setting);
        Console.WriteLine($"| Adam | {string.Join(" | ", settings.Select(runs => runs.Key.Difference))} |");
        Console.WriteLine($"|---|{string.Concat(settings.Select(_ => "---:|"))}");
        foreach (Variant variant in Variant.All)
        {
            IEnumerable<string> cells = settings.Select(runs =>
            {
                Summary summary = Summary.Of(Losses(runs, variant), frequencyLoss, Reference(runs));
                return (summary.Unstable > 0 ? $"{summary.Unstable}/{summary.Runs}, " : "") + Loss(summary.MedianLoss);
            });
            Console.WriteLine($"| {variant.Title} | {string.Join(" | ", cells)} |");
        }
    }

    /// <summary>A row per codec pair and block size.</summary>
    public static void PrintErrors(IReadOnlyList<ErrorRow> rows)
    {
        Console.WriteLine("| codecs of m, v | block | relative error | absolute error | relative, next update | "
            + "absolute, next update | eps alone |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|");
        foreach (ErrorRow row in rows)
        {
            Console.WriteLine($"| {row.Codecs.Name} | {row.BlockSize?.ToString(Culture) ?? "tensor"} | "
                + $"{Percent(row.Relative)} | {Number(row.Absolute)} | {Percent(row.NextRelative)} | "
                + $"{Number(row.NextAbsolute)} | {Percent(row.EpsAlone)} |");
        }
    }

    /// <summary>Writes all figures.</summary>
    public static void WriteJson(
        string path, IReadOnlyList<RunResult> results, IReadOnlyList<ErrorRow> errors, double frequencyLoss)
    {
        var figures = new
        {
            FrequencyLoss = frequencyLoss,
            results[0].Plan.Steps,
            results[0].Plan.LearningRate,
            Variants = Summarize(results, frequencyLoss).Select(one => new
            {
                one.Variant.Name, one.Summary.Runs, one.Summary.Diverged, one.Summary.Unstable, one.Summary.MedianLoss,
                one.Summary.MedianStableLoss,
            }),
            Runs = results.Select(run => new
            {
                Variant = run.Plan.Variant.Name, run.Plan.Setting.Eps, run.Plan.Setting.Beta1, run.Plan.Setting.Beta2,
                run.Plan.Seed, run.Loss, Steps = run.TrainingLosses.Count,
            }),
            Errors = errors.Select(row => new
            {
                Codecs = row.Codecs.Name, row.BlockSize, row.Relative, row.Absolute, row.NextRelative, row.NextAbsolute,
                row.EpsAlone,
            }),
        };
        File.WriteAllText(path, JsonSerializer.Serialize(figures, Json) + "\n");
    }

    private static IEnumerable<(Variant Variant, Summary Summary)> Summarize(
        IReadOnlyList<RunResult> results, double frequencyLoss)
    {
        double reference = Reference(results);
        return Variant.All.Select(variant =>
            (variant, Summary.Of(Losses(results, variant), frequencyLoss, reference)));
    }

    private static double Reference(IEnumerable<RunResult> results) => Summary.Median(Losses(results, Variant.All[0]));

    private static double[] Losses(IEnumerable<RunResult> results, Variant variant) =>
        [.. results.Where(run => run.Plan.Variant == variant).Select(run => run.Loss)];

    private static IFormatProvider Culture => System.Globalization.CultureInfo.InvariantCulture;

    /// <summary>A loss, or a dash; losses of a diverged model have no digits worth reading.</summary>
    public static string Loss(double? loss) => loss switch
    {
        null => "-",
        double.PositiveInfinity => "not finite",
        >= 100 => Invariant($"{loss:0e0}"),
        _ => Invariant($"{loss:0.000}"),
    };

    private static string Percent(int part, int whole) => Invariant($"{100.0 * part / whole:0} %");

    private static string Percent(double share) =>
        share >= 100 ? Invariant($"{100 * share:0.0e0} %") : Invariant($"{100 * share:0.0} %");

    private static string Number(double value) =>
        value >= 100 ? Invariant($"{value:0.0e0}") : Invariant($"{value:0.0000}");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
