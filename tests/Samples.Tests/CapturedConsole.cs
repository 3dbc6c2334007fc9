using Spectre.Console;

namespace Requant.Samples.Tests;

/// <summary>Runs a command and keeps what it prints. The console is the process's, so that its users are in
/// one collection.</summary>
internal static class CapturedConsole
{
    public const string Collection = "console";

    public static (int ExitCode, string Output, string Error) Run(Func<string[], int> command, string[] arguments)
    {
        (TextWriter output, TextWriter error, IAnsiConsole tables) =
            (Console.Out, Console.Error, AnsiConsole.Console);
        using StringWriter newOutput = new(), newError = new();
        try
        {
            Console.SetOut(newOutput);
            Console.SetError(newError);
            AnsiConsole.Console = AnsiConsole.Create(
                new AnsiConsoleSettings { Out = new AnsiConsoleOutput(newOutput) });
            int exitCode = command(arguments);
            return (exitCode, newOutput.ToString(), newError.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
            AnsiConsole.Console = tables;
        }
    }
}
