using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Requant.Cli.Commands;
using Requant.CompilerServices;

namespace Requant.Cli.Rules;

/// <summary>Has a kernel compiled in a process of its own: the JIT reads what it shall list from the environment, when
/// a process starts.</summary>
/// <remarks>Source: https://github.com/dotnet/runtime/blob/main/docs/design/coreclr/jit/viewing-jit-dumps.md.</remarks>
internal static class JitProcess
{
    /// <summary>What the JIT compiles, and to which offsets of IL its machine code belongs.</summary>
    private const string MapEvents = "Microsoft-Windows-DotNETRuntime:0x20018:5";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>The JIT's listings of all methods that are compiled and have one of <paramref name="names"/>; with
    /// origins, with the bytes of instructions and what says which IL they come from.</summary>
    /// <exception cref="CommandException">The process cannot be started, or fails.</exception>
    public static JitOutput List(
        RuleEntry rule, string? assembly, SimdWidth width, StateFormat states, int variant, IEnumerable<string> names,
        bool withOrigins = false)
    {
        string file = Path.GetTempFileName();
        string trace = file + ".nettrace";
        try
        {
            ProcessStartInfo start = Start(rule, assembly, width, states, variant);
            start.Environment["DOTNET_JitDisasm"] = string.Join(' ', names);
            start.Environment["DOTNET_JitStdOutFile"] = file;

            // At once what a running optimizer comes to after some steps.
            start.Environment["DOTNET_TieredCompilation"] = "0";
            if (withOrigins)
            {
                start.Environment["DOTNET_JitDisasmWithCodeBytes"] = "1";
                start.Environment["DOTNET_EnableEventPipe"] = "1";
                start.Environment["DOTNET_EventPipeOutputPath"] = trace;
                start.Environment["DOTNET_EventPipeConfig"] = MapEvents;
            }

            string handles = Run(start, rule);
            // Where the environment forbids diagnostics there is no trace.
            byte[] events = File.Exists(trace) ? File.ReadAllBytes(trace) : [];
            return new JitOutput(File.ReadAllText(file), JitOutput.ReadHandles(handles), events);
        }
        finally
        {
            File.Delete(file);
            File.Delete(trace);
        }
    }

    private static ProcessStartInfo Start(
        RuleEntry rule, string? assembly, SimdWidth width, StateFormat states, int variant)
    {
        string program = typeof(JitProcess).Assembly.Location;
        string host = Path.GetFullPath(Path.Combine(
            RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..",
            OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        if (program.Length == 0 || !File.Exists(host))
        {
            throw new CommandException(
                "The JIT lists kernels in a process of its own, and this tool cannot start itself again: "
                + (program.Length == 0 ? "it is a single file." : $"there is no '{host}'.")
                + " Run requant.dll with an installed 'dotnet'.");
        }

        var start = new ProcessStartInfo(host,
        [
            "exec", program, PrepareCommand.Name, rule.FullName,
            "--width", width.ToString(), "--codecs", states.Codecs.ToString(), "--variant",
            variant.ToString(CultureInfo.InvariantCulture),
            .. assembly is null ? (string[])[] : ["--assembly", assembly],
        ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return start;
    }

    private static string Run(ProcessStartInfo start, RuleEntry rule)
    {
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new CommandException(
                $"The kernel of '{rule.FullName}' was not compiled within {Patience.TotalSeconds:F0} seconds, "
                + "in a process of its own.");
        }

        Task.WaitAll(output, error);
        if (process.ExitCode != ExitCodes.Done)
        {
            string said = error.Result.Trim();
            throw new CommandException(
                $"The kernel of '{rule.FullName}' could not be compiled in a process of its own, which ended with "
                + $"{process.ExitCode}{(said.Length > 0 ? $" and said: {said}" : ".")}");
        }

        return output.Result;
    }
}
