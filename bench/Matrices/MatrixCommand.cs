using System.CommandLine;
using Requant.Optimizers;
using Requant.Samples;
using Spectre.Console;

namespace Requant.Bench.Matrices;

/// <summary><c>bench -- matrix</c>: rules that see rows, columns and matrices, on the processor.</summary>
internal static class MatrixCommand
{
    private const int DefaultRounds = 15;
    private const int DefaultThreads = 2;

    private static readonly (int Rows, int Columns)[] Products = [(1024, 1024), (768, 3072), (3072, 768)];
    private static readonly (int Rows, int Columns)[] Matrices = [(4096, 4096), (768, 3072), (50257, 768)];

    public static Command Create()
    {
        var threads = new Option<int>("--threads")
        {
            Description = "Threads of each contestant.", DefaultValueFactory = _ => DefaultThreads,
        };
        var rounds = new Option<int>("--rounds")
        {
            Description = "Times that each runs.", DefaultValueFactory = _ => DefaultRounds,
        };
        var command = new Command(
            "matrix",
            "Orthogonalize beside libtorch's products; Adafactor, rows and columns beside a pass over memory.")
        {
            threads, rounds,
        };
        command.SetAction(result =>
        {
            var benchmark = new MatrixBenchmark(result.GetValue(threads), result.GetValue(rounds));
            (Table products, Table passes) = RunProgress.Show(
                "matrix", Products.Length + Matrices.Length, progress => Measure(benchmark, progress));
            AnsiConsole.Write(products);
            AnsiConsole.Write(passes);
            return 0;
        });
        return command;
    }

    private static (Table Products, Table Passes) Measure(MatrixBenchmark benchmark, Action<int, string> progress)
    {
        int done = 0;
        Table products = new Table().AddColumns("Orthogonalize, 5 steps", "ms", "libtorch ms", "speed beside libtorch");
        foreach ((int rows, int columns) in Products)
        {
            (double own, double torch) = benchmark.Orthogonalize(rows, columns);
            products.AddRow($"{rows} x {columns}", $"{own:F1}", $"{torch:F1}", $"{torch / own:F2}");
            progress(++done, $"Orthogonalize {rows} x {columns}");
        }

        Table passes = new Table().AddColumns(
            "float32 matrix", "pass ms", "Adafactor ms", "passes", "rows ms", "columns ms", "columns / rows");
        foreach ((int rows, int columns) in Matrices)
        {
            (double adafactor, double pass) = benchmark.Step(new Adafactor(), rows, columns);
            (double byRows, _) = benchmark.Step(new ByRows(), rows, columns);
            (double byColumns, _) = benchmark.Step(new ByColumns(), rows, columns);
            passes.AddRow(
                $"{rows} x {columns}", $"{pass:F2}", $"{adafactor:F2}", $"{adafactor / pass:F2}", $"{byRows:F2}",
                $"{byColumns:F2}", $"{byColumns / byRows:F2}");
            progress(++done, $"passes over {rows} x {columns}");
        }

        return (products, passes);
    }
}
