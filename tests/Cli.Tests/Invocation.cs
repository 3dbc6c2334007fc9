using System.Diagnostics;
using System.Reflection;
using Requant.Cli.Output;
using Spectre.Console;
using Xunit;

namespace Requant.Cli.Tests;

/// <summary>One run of the command and what it gave.</summary>
internal sealed record Invocation(int ExitCode, string Output, string Error)
{
    /// <summary>A width at which nearly every line of generated code would wrap.</summary>
    private const int NarrowWidth = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>The assembly of samples/FirstRule, in its own output folder.</summary>
    public static string FirstRuleAssembly { get; } = typeof(Invocation).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == nameof(FirstRuleAssembly)).Value!;

    /// <summary>This assembly, which has rules of one name.</summary>
    public static string TwinRulesAssembly { get; } = typeof(Invocation).Assembly.Location;

    /// <summary>Runs the command in this process, redirected.</summary>
    public static Invocation Run(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int exitCode = CommandLine.Run(args, new Terminal(output, error));
        return new Invocation(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Runs the command in this process on a narrow terminal with colours.</summary>
    public static Invocation RunOnTerminal(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = ColorSystemSupport.Standard,
            Out = new AnsiConsoleOutput(output),
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        console.Profile.Width = NarrowWidth;
        int exitCode = CommandLine.Run(args, new Terminal(output, error, console));
        return new Invocation(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Runs the command as a process of its own, its output redirected.</summary>
    public static Task<Invocation> RunProcess(params string[] args) =>
        RunProgram(Path.Combine(AppContext.BaseDirectory, "requant.dll"), args);

    /// <summary>Runs a program, its output redirected.</summary>
    public static async Task<Invocation> RunProgram(string assembly, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [assembly, .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
        Task<string> error = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return new Invocation(process.ExitCode, await output, await error);
    }
}
