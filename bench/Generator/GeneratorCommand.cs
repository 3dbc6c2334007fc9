using System.CommandLine;
using Spectre.Console;

namespace Requant.Bench.Generator;

/// <summary><c>bench -- generator</c>: what the source generator costs a build and a keystroke.</summary>
internal static class GeneratorCommand
{
    private const int DefaultRules = 30;
    private const int DefaultEdits = 101;
    private const int MinEdits = 50;

    public static Command Create()
    {
        var rules = new Option<int>("--rules")
        {
            Description = "Rules of the project.",
            DefaultValueFactory = _ => DefaultRules,
        };
        var edits = new Option<int>("--edits")
        {
            Description = $"Keystrokes; at least {MinEdits}.",
            DefaultValueFactory = _ => DefaultEdits,
        };
        edits.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < MinEdits)
            {
                result.AddError($"--edits is {result.GetValueOrDefault<int>()}; it must be at least {MinEdits}.");
            }
        });
        var command = new Command("generator",
            "The source generator: a project from nothing, and a keystroke in an unrelated file.") { rules, edits };
        command.SetAction(result =>
        {
            Print(GeneratorBenchmark.Run(result.GetValue(rules), result.GetValue(edits)));
            return 0;
        });
        return command;
    }

    private static void Print(IReadOnlyList<GeneratorRow> rows)
    {
        var table = new Table().AddColumns("what", "times", "median ms", "least ms", "median CPU ms");
        foreach (int column in (int[])[1, 2, 3, 4])
        {
            table.Columns[column].RightAligned();
        }

        foreach (GeneratorRow row in rows)
        {
            table.AddRow(
                row.Name, $"{row.Durations.Count}", $"{row.Median.Elapsed:F2}", $"{row.Least:F2}",
                $"{row.Median.Processor:F2}");
        }

        AnsiConsole.Write(table);
    }
}
