using System.CommandLine;
using Requant.Bench.Cpu;
using Requant.Bench.Generator;
using Requant.Bench.Host;
using Requant.Bench.Matrices;
using Requant.Bench.States;

namespace Requant.Bench;

/// <summary>The command line: a line for each argument that was not understood, before anything is measured.</summary>
internal static class BenchCommandLine
{
    /// <summary>The arguments were not understood.</summary>
    public const int Usage = 2;

    /// <summary>Runs one command.</summary>
    /// <param name="args">Arguments, without the program's name.</param>
    /// <param name="error">Where messages go.</param>
    /// <returns>0, or <see cref="Usage"/>.</returns>
    public static int Run(IReadOnlyList<string> args, TextWriter error)
    {
        var root = new RootCommand(
            "Measurements of Requant beside its peers. Nothing here is a test: figures are ratios within one run.");
        root.Subcommands.Add(CpuCommand.Create());
        root.Subcommands.Add(GeneratorCommand.Create());
        root.Subcommands.Add(HostCommand.Create());
        root.Subcommands.Add(MatrixCommand.Create());
        root.Subcommands.Add(StatesCommand.Create());
        ParseResult parsed = root.Parse(args);
        foreach (string message in parsed.Errors.Select(one => one.Message).Distinct())
        {
            error.WriteLine($"bench: {message}");
        }

        return parsed.Errors.Count > 0 ? Usage : parsed.Invoke();
    }
}
