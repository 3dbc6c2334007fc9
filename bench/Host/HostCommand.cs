using System.CommandLine;
using Requant.Bench.Cpu;
using Spectre.Console;

namespace Requant.Bench.Host;

/// <summary><c>bench -- host</c>: what a step on a GPU costs the host, which a model of many small tensors waits
/// for.</summary>
internal static class HostCommand
{
    private const int DefaultSteps = 501;

    private static readonly string[] Shapes = ["1x40M", "500x80K", "500x4K", "2000x4K"];

    public static Command Create()
    {
        var steps = new Option<int>("--steps")
        {
            Description = "Timed steps of each model.",
            DefaultValueFactory = _ => DefaultSteps,
        };
        var command = new Command(
            "host", "The host's part of a step on a GPU: 8-bit Adam of bfloat16, on a device that does nothing.")
        {
            steps,
        };
        command.SetAction(result =>
        {
            var table = new Table().AddColumns("tensors", "median ms", "least ms");
            foreach (string shape in Shapes)
            {
                HostRow row = HostBenchmark.Run(ModelShape.Parse(shape)!, result.GetValue(steps));
                table.AddRow(row.Shape, $"{row.Median:F4}", $"{row.Least:F4}");
            }

            AnsiConsole.Write(table);
            return 0;
        });
        return command;
    }
}
