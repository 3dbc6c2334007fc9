using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Requant.Samples;
using Spectre.Console;

namespace Requant.Bench.Cpu;

/// <summary><c>bench -- cpu</c>: steps of 8-bit optimizers over whole models, beside one pass over the same bytes
/// and the peers.</summary>
internal static class CpuCommand
{
    private const int DefaultRuns = 15;
    private const int MinRuns = 9;

    private static readonly string[] DefaultTypes = ["fp32", "bf16"];
    private static readonly string[] DefaultShapes = ["1x16M", "200x80K", "2000x5K"];

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create()
    {
        Option<string[]> rules = List(
            "--rules", $"Any of {string.Join(", ", Plan.RuleNames)}; all when not given.", Plan.RuleNames,
            Plan.RuleNames.Contains);
        Option<string[]> types = List(
            "--dtypes", $"Parameters and gradients: any of {string.Join(", ", Plan.TypeNames.Keys)}.", DefaultTypes,
            Plan.TypeNames.ContainsKey);
        Option<string[]> shapes = List(
            "--shapes", "Models, tensors x elements of each, as in 200x80K; K is 1024, M 1024 * 1024.", DefaultShapes,
            text => ModelShape.Parse(text) is not null);
        Option<string[]> threads = List(
            "--threads", "Threads of every contestant, from 1.",
            [Math.Min(2, Environment.ProcessorCount).ToString(CultureInfo.InvariantCulture)], IsThreadCount);
        var runs = new Option<int>("--runs")
        {
            Description = $"Timed steps of each contestant, interleaved; at least {MinRuns}.",
            DefaultValueFactory = _ => DefaultRuns,
            CustomParser = ParseRuns,
        };
        var width = new Option<SimdWidth>("--width")
        {
            Description = "Vectors of Requant's kernels; the widest when not given.",
            DefaultValueFactory = _ => SimdWidths.Widest,
            CustomParser = ParseWidth,
        };
        Option<string[]> codecs = List(
            "--codecs", $"Codecs of Requant's states: any of {string.Join(", ", Enum.GetNames<StateCodecs>())}.",
            ["Dynamic", "MiniFloat"], Enum.GetNames<StateCodecs>().Contains);
        var rounding = new Option<StateRounding?>("--rounding")
        {
            Description = "How Requant's states are rounded: Nearest or Stochastic; as rules declare when not given.",
        };
        var clip = new Option<float?>("--clip")
        {
            Description = "The norm that Requant's steps clip gradients to, in one more pass over them; "
                + "the peers do not clip. None when not given.",
            CustomParser = ParseNorm,
        };
        var json = new Option<FileInfo?>("--json") { Description = "Writes the rows to a file." };
        json.Validators.Add(BenchCommandLine.RequireFolder);
        var plot = new Option<FileInfo?>("--plot")
        {
            Description = "Draws the rows of the first type, model and number of threads to a PNG.",
        };
        plot.Validators.Add(BenchCommandLine.RequireFolder);
        var command = new Command("cpu", "8-bit optimizers on the CPU beside libtorch's fused kernels, TorchSharp's "
            + "optimizers and the memory's limit.")
        {
            rules, types, shapes, threads, runs, width, codecs, rounding, clip, json, plot,
        };
        command.SetAction(result =>
        {
            var plan = new Plan(
                result.GetRequiredValue(rules),
                [.. result.GetRequiredValue(types).Select(type => Plan.TypeNames[type])],
                [.. result.GetRequiredValue(shapes).Select(text => ModelShape.Parse(text)!)],
                [.. result.GetRequiredValue(threads).Select(text => int.Parse(text, CultureInfo.InvariantCulture))],
                result.GetValue(runs),
                result.GetValue(width),
                [.. result.GetRequiredValue(codecs).Select(Enum.Parse<StateCodecs>)],
                result.GetValue(rounding),
                result.GetValue(clip));
            IReadOnlyList<Measurement> measurements = RunProgress.Show(
                "cpu", CpuBenchmark.RoundsOf(plan), progress => CpuBenchmark.Run(plan, progress));
            Print(measurements, plan);
            if (result.GetValue(json) is { } file)
            {
                File.WriteAllText(file.FullName, Json(measurements.Select(one => one.Row)));
            }

            if (result.GetValue(plot) is { } picture)
            {
                SpeedPlot.Save(picture.FullName, [.. measurements.Select(one => one.Row)]);
            }

            return 0;
        });
        return command;
    }

    /// <summary>What <c>--json</c> writes.</summary>
    public static string Json(IEnumerable<Row> rows) => JsonSerializer.Serialize(rows, Indented);

    private static Option<string[]> List(
        string name, string description, IEnumerable<string> all, Func<string, bool> isValid) => new(name)
    {
        Description = description + " Separated by commas.",
        DefaultValueFactory = _ => [.. all],
        CustomParser = result =>
        {
            string[] items = result.Tokens[0].Value.Split(
                ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (items.Length == 0 || Array.Find(items, item => !isValid(item)) is not null)
            {
                result.AddError($"{name} was given '{result.Tokens[0].Value}'. {description}");
            }

            return items;
        },
    };

    private static bool IsThreadCount(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0;

    private static float? ParseNorm(ArgumentResult result)
    {
        string given = result.Tokens[0].Value;
        if (float.TryParse(given, NumberStyles.Float, CultureInfo.InvariantCulture, out float norm) && norm > 0)
        {
            return norm;
        }

        result.AddError($"--clip was given '{given}', which is no number above 0.");
        return null;
    }

    private static int ParseRuns(ArgumentResult result)
    {
        string given = result.Tokens[0].Value;
        if (!int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out int runs) || runs < MinRuns)
        {
            result.AddError($"--runs was given '{given}'; it takes a number of at least {MinRuns}.");
        }

        return runs;
    }

    private static SimdWidth ParseWidth(ArgumentResult result)
    {
        string given = result.Tokens[0].Value;
        foreach (SimdWidth width in SimdWidths.Supported)
        {
            if (width.ToString().Equals(given, StringComparison.OrdinalIgnoreCase))
            {
                return width;
            }
        }

        result.AddError($"--width was given '{given}'; this machine has {string.Join(", ", SimdWidths.Supported)}.");
        return default;
    }

    private static void Print(IReadOnlyList<Measurement> measurements, Plan plan)
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = 160;
        }

        AnsiConsole.WriteLine($"median (and least) of {plan.Runs} interleaved steps, {plan.Width}");
        string[] left = ["rule", "codecs", "dtype", "tensors"];
        string[] right = ["threads", "ms", "", "ns/param", "GB/s", "x stream", "", "x fused", "", "x TorchSharp"];
        Table table = new Table().AddColumns([.. left, .. right]);
        for (int column = left.Length; column < left.Length + right.Length; column++)
        {
            table.Columns[column].RightAligned();
        }

        foreach (Measurement one in measurements)
        {
            Row row = one.Row;
            table.AddRow(
                row.Rule, row.Codecs, row.Dtype, $"{one.Shape}", $"{row.Threads}",
                $"{row.Ms:G4}", $"({one.LeastMs:G4})",
                $"{one.NanosecondsPerParameter:F3}",
                $"{row.BytesPerParam / one.NanosecondsPerParameter:F1}",
                $"{row.RatioStream:F2}", $"({one.LeastRatioStream:F2})",
                Ratio(row.SpeedupTorchFused), row.SpeedupTorchFused is null ? "" : $"({one.LeastSpeedupTorchFused:F2})",
                Ratio(row.SpeedupTorchSharp));
        }

        AnsiConsole.Write(table);
    }

    private static string Ratio(double? value) => value is { } ratio ? $"{ratio:F2}" : "-";
}
