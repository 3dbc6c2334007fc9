using System.CommandLine;
using System.CommandLine.Help;
using Requant.Cli.Commands;
using Requant.Cli.Output;
using Requant.Cli.Rules;

namespace Requant.Cli;

/// <summary>The command line: parses it, runs a command, and turns failures into messages and exit codes.</summary>
internal static class CommandLine
{
    private const int HelpWidth = 100;

    private const string About = """
        Optimizers with 8-bit states, each generated from one C# method.

        Examples:
          requant list
          requant inspect adam
          requant inspect lamb --as ptx --arch sm_90
          requant inspect adamw --as asm --width vector256
          requant inspect lion --assembly bin/Release/net10.0/MyRules.dll --as simd
          requant explain REQ1005
          requant doctor

        Exit codes: 0 done, 1 what was asked for failed, 2 the command line was not understood.
        """;

    /// <summary>Runs one command.</summary>
    /// <param name="args">Arguments, without the program's name.</param>
    /// <param name="terminal">Where output and messages go.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static int Run(IReadOnlyList<string> args, Terminal terminal)
    {
        ParseResult parsed = Create(terminal).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            return ReportUsage(parsed, terminal);
        }

        try
        {
            return parsed.Invoke(new InvocationConfiguration
            {
                Output = terminal.Output,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
            });
        }
        catch (CommandException failure)
        {
            terminal.Error.WriteLine($"requant: {failure.Message}");
        }
        catch (Exception failure)
        {
            // The last resort: a stack trace helps nobody at a prompt, the kind of failure may.
            terminal.Error.WriteLine($"requant: unexpected {failure.GetType().Name}: {failure.Message}");
        }

        return ExitCodes.Failed;
    }

    private static RootCommand Create(Terminal terminal)
    {
        var root = new RootCommand(About)
        {
            ListCommand.Create(terminal),
            InspectCommand.Create(terminal),
            ExplainCommand.Create(terminal),
            DoctorCommand.Create(terminal),
            PrepareCommand.Create(),
        };
        foreach (HelpOption help in root.Options.OfType<HelpOption>())
        {
            help.Action = new HelpAction { MaxWidth = HelpWidth };
        }

        return root;
    }

    private static int ReportUsage(ParseResult parsed, Terminal terminal)
    {
        Command command = parsed.CommandResult.Command;
        string name = command is RootCommand ? "requant" : $"requant {command.Name}";
        foreach (string message in UsageMessages(parsed, command, name))
        {
            terminal.Error.WriteLine($"requant: {message}");
        }

        terminal.Error.WriteLine($"Run '{name} --help' for what it takes.");
        return ExitCodes.Usage;
    }

    /// <summary>Words that mean nothing come first: what else is missing often follows from them.</summary>
    private static IEnumerable<string> UsageMessages(ParseResult parsed, Command command, string name)
    {
        if (parsed.UnmatchedTokens.Count > 0)
        {
            string[] known = [.. Visible(command), .. command.Options.Select(option => option.Name)];
            return parsed.UnmatchedTokens.Select(
                token => $"'{name}' takes no '{token}'.{Suggestion.For(token, known)}");
        }

        return command.Subcommands.Count > 0
            ? [$"which command? There are {string.Join(", ", Visible(command))}."]
            : parsed.Errors.Select(error => error.Message);
    }

    private static IEnumerable<string> Visible(Command command) =>
        command.Subcommands.Where(one => !one.Hidden).Select(one => one.Name);
}
