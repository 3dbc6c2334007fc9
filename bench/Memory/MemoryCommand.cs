using System.CommandLine;
using Requant.Optimizers;
using Requant.Samples;
using Spectre.Console;

namespace Requant.Bench.Memory;

/// <summary><c>bench -- memory</c>: the states that every rule keeps for GPT-2 small, in float32 and in 8
/// bits.</summary>
internal static class MemoryCommand
{
    private const double BytesPerMebibyte = 1 << 20;

    private static readonly (string Name, Func<OptimizerOptions, long> StateBytes)[] Rules =
    [
        Of(new Adam()), Of(new AdamW()), Of(new NAdam()), Of(new Adamax()), Of(new AdEMAMix()), Of(new Lamb()),
        Of(new Adadelta()), Of(new RMSProp()), Of(new Adagrad()), Of(new Lion()), Of(new Optimizers.Momentum()),
        Of(new SgdW { Momentum = 0.9f }), Of(new Signum()), Of(new Lars()), Of(new Muon()), Of(new Came()),
        Of(new Adafactor()), Of(new Sm3()),
    ];

    /// <summary>Names of all rules.</summary>
    public static IEnumerable<string> RuleNames => Rules.Select(rule => rule.Name);

    public static Command Create()
    {
        var plot = new Option<FileInfo>("--plot") { Description = "Draws the table to a PNG." };
        plot.Validators.Add(BenchCommandLine.RequireFolder);
        var command = new Command(
            "memory", "State bytes of every rule, in float32 and in 8 bits, for the parameters of GPT-2 small.")
        {
            plot,
        };
        command.SetAction(result =>
        {
            MemoryRow[] rows = RunProgress.Show("memory", Rules.Length, Measure);
            Print(rows);
            if (result.GetValue(plot) is { } file)
            {
                BarChart.Save(
                    file.FullName, "Optimizer states of GPT-2 small", "MiB", ["8-bit states"], ["float32 states"],
                    [.. rows.Select(row => (row.Rule, (IReadOnlyList<double?>)[
                        row.Quantized / BytesPerMebibyte, row.Float32 / BytesPerMebibyte]))]);
            }

            return 0;
        });
        return command;
    }

    private static MemoryRow[] Measure(Action<int, string> progress)
    {
        var rows = new List<MemoryRow>();
        foreach ((string name, Func<OptimizerOptions, long> stateBytes) in Rules)
        {
            rows.Add(new MemoryRow(
                name, stateBytes(new OptimizerOptions()),
                stateBytes(new OptimizerOptions { Codecs = StateCodecs.Float32 })));
            progress(rows.Count, name);
        }

        return [.. rows];
    }

    private static void Print(MemoryRow[] rows)
    {
        double parameters = Gpt2.Parameters.Sum(one => one.Shape.Aggregate(1L, (product, size) => product * size));
        Table table = new Table().AddColumns(
            "rule", "8 bits, MiB", "float32, MiB", "8 bits, bytes a parameter", "float32, bytes a parameter");
        foreach (MemoryRow row in rows)
        {
            table.AddRow(
                row.Rule, $"{row.Quantized / BytesPerMebibyte:N0}", $"{row.Float32 / BytesPerMebibyte:N0}",
                $"{row.Quantized / parameters:F2}", $"{row.Float32 / parameters:F2}");
        }

        AnsiConsole.Write(table);
    }

    private static (string Name, Func<OptimizerOptions, long> StateBytes) Of<TRule>(TRule rule)
        where TRule : IOptimizerRule<TRule> => (typeof(TRule).Name, options =>
    {
        using var optimizer = new Optimizer<TRule>(rule, options);
        return Gpt2.Parameters.Sum(one => optimizer.Add(one.Name, one.Shape).StateBytes);
    });

    /// <summary>What a rule keeps, in bytes.</summary>
    private sealed record MemoryRow(string Rule, long Quantized, long Float32);
}
