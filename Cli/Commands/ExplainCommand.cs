using System.CommandLine;
using Requant.Cli.Diagnostics;
using Requant.Cli.Output;

namespace Requant.Cli.Commands;

/// <summary><c>requant explain ID</c>: the page of a diagnostic; without an id, all of them by title.</summary>
internal static class ExplainCommand
{
    public static Command Create(Terminal terminal)
    {
        var id = new Argument<string?>("ID")
        {
            Description = "Id of a diagnostic, as in REQ1005; lists all when not given.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("explain", "Explains a diagnostic of the generator: what it means and what to write.")
        {
            id,
        };
        command.SetAction(parsed => Run(parsed.GetValue(id), terminal));
        return command;
    }

    private static int Run(string? id, Terminal terminal)
    {
        if (id is null)
        {
            var table = new TextTable("Id", "Title");
            foreach (DiagnosticPage page in DiagnosticPage.All)
            {
                table.Add(new Cell(page.Id, Tone.Name), new Cell(page.Title));
            }

            terminal.Write(table);
            return ExitCodes.Done;
        }

        DiagnosticPage found = DiagnosticPage.Find(id);
        terminal.Write(Document.Parse(found.Text), DiagnosticPage.Resolve);
        if (found.Address is { } address)
        {
            terminal.Output.WriteLine();
            terminal.Output.WriteLine(address);
        }

        return ExitCodes.Done;
    }
}
