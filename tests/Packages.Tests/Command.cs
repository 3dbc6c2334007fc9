using System.Diagnostics;

namespace Requant.Packages.Tests;

/// <summary>One run of a program and what it gave.</summary>
internal sealed record Command(string Line, int ExitCode, string Output)
{
    /// <summary>Restoring and building takes seconds; only a hang takes longer than this.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>Characters of a failed run's output that a message shows.</summary>
    private const int ShownOutput = 4000;

    /// <summary>What <c>dotnet test</c> tells its children of its own SDK, which another one must not hear.</summary>
    private static readonly string[] Inherited =
        [
            "MSBuildSDKsPath", "MSBuildExtensionsPath", "MSBuildLoadMicrosoftTargetsReadOnly", "MSBUILD_EXE_PATH",
            "DOTNET_HOST_PATH",
        ];

    /// <summary>Runs a program until it ends; output and errors come in one text.</summary>
    public static async Task<Command> Run(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string name in Inherited)
        {
            start.Environment.Remove(name);
        }

        // Servers that outlive the build would keep the output open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["DOTNET_NOLOGO"] = "1";
        using Process process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            string[] texts = await Task.WhenAll(
                process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
            await process.WaitForExitAsync(limit.Token);
            return new Command($"{program} {string.Join(' ', arguments)}", process.ExitCode, string.Concat(texts));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{program} {string.Join(' ', arguments)}' ran for more than {Patience}.");
        }
    }

    /// <summary>The output of a run that must succeed.</summary>
    public string Succeeded() => ExitCode == 0
        ? Output
        : throw new InvalidOperationException(
            $"'{Line}' ended with {ExitCode}:\n{Output[..Math.Min(Output.Length, ShownOutput)]}");
}
