using System.CommandLine;
using System.CommandLine.Parsing;
using Requant.Bench.Codebooks;
using Requant.Bench.Cpu;
using Requant.Bench.Generator;
using Requant.Bench.Host;
using Requant.Bench.Matrices;
using Requant.Bench.Memory;
using Requant.Bench.Ranks;
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
        root.Subcommands.Add(CodebooksCommand.Create());
        root.Subcommands.Add(CpuCommand.Create());
        root.Subcommands.Add(GeneratorCommand.Create());
        root.Subcommands.Add(HostCommand.Create());
        root.Subcommands.Add(MatrixCommand.Create());
        root.Subcommands.Add(MemoryCommand.Create());
        root.Subcommands.Add(RanksCommand.Create());
        root.Subcommands.Add(ScaleCommand.Create());
        root.Subcommands.Add(StatesCommand.Create());
        ParseResult parsed = root.Parse(args);
        foreach (string message in parsed.Errors.Select(one => one.Message).Distinct())
        {
            error.WriteLine($"bench: {message}");
        }

        return parsed.Errors.Count > 0 ? Usage : parsed.Invoke();
    }

    /// <summary>Refuses a file that could not be written, which is better known before a measurement than after
    /// it.</summary>
    public static void RequireFolder(OptionResult result)
    {
        if (result.GetValueOrDefault<FileInfo?>() is { Directory.Exists: false } file)
        {
            string given = result.Tokens[0].Value;
            result.AddError($"{result.Option.Name} was given '{given}'; there is no folder '{file.DirectoryName}'.");
        }
    }
}
