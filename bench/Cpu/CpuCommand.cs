using System.CommandLine;
using System.Text.Json;
using Spectre.Console;

namespace Requant.Bench.Cpu;

/// <summary><c>bench -- cpu</c>: one optimizer step over a large tensor, beside one pass over the same bytes.</summary>
internal static class CpuCommand
{
    private const int DefaultElements = 16 * 1024 * 1024;
    private const int DefaultRuns = 15;
    private const int MinRuns = 9;

    public static Command Create()
    {
        var elements = new Option<int>("--elements") { Description = "Parameters of the tensor.", DefaultValueFactory = _ => DefaultElements };
        var threads = new Option<int>("--threads") { Description = "Threads of every contestant.", DefaultValueFactory = _ => Math.Min(2, Environment.ProcessorCount) };
        var runs = new Option<int>("--runs") { Description = $"Timed steps of each contestant, interleaved; at least {MinRuns}.", DefaultValueFactory = _ => DefaultRuns };
        var json = new Option<FileInfo?>("--json") { Description = "Writes the rows to a file." };
        AtLeast(elements, 1);
        AtLeast(threads, 1);
        AtLeast(runs, MinRuns);
        var command = new Command("cpu", "8-bit Adam on the CPU beside libtorch's fused kernel and TorchSharp's optimizers.") { elements, threads, runs, json };
        command.SetAction(result =>
        {
            int count = result.GetValue(elements);
            IReadOnlyList<Row> rows = CpuBenchmark.Run(count, result.GetValue(threads), result.GetValue(runs));
            Print(rows, count, result.GetValue(threads), result.GetValue(runs));
            if (result.GetValue(json) is { } file)
            {
                File.WriteAllText(file.FullName, JsonSerializer.Serialize(rows, JsonSerializerOptions.Web));
            }

            return 0;
        });
        return command;
    }

    private static void AtLeast(Option<int> option, int least) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() < least)
        {
            result.AddError($"{option.Name} is {result.GetValueOrDefault<int>()}; it must be at least {least}.");
        }
    });

    private static void Print(IReadOnlyList<Row> rows, int elements, int threads, int runs)
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = 160;
        }

        AnsiConsole.WriteLine($"{elements:N0} parameters, {threads} thread(s), median of {runs} interleaved steps, {Requant.Cpu.SimdWidths.Widest}");
        var table = new Table().AddColumns("contestant", "ms", "bytes/param", "GB/s", "x stream", "state bytes/param");
        foreach (int column in (int[])[1, 2, 3, 4, 5])
        {
            table.Columns[column].RightAligned();
        }

        foreach (Row row in rows)
        {
            table.AddRow(row.Name, $"{row.Milliseconds:F2}", $"{row.BytesPerParameter:F1}", $"{row.GigabytesPerSecond:F1}",
                $"{row.RatioToStream:F2}", row.StateBytesPerParameter is { } state ? $"{state:F2}" : "-");
        }

        AnsiConsole.Write(table);
    }
}
