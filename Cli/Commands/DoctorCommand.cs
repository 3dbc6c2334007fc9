using System.CommandLine;
using Requant.Cli.Doctor;
using Requant.Cli.Output;

namespace Requant.Cli.Commands;

/// <summary><c>requant doctor</c>: what this machine offers, what is missing and how to get it.</summary>
internal static class DoctorCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command(
            "doctor", "Examines this machine: runtime, vector widths, devices and drivers, and what is missing.");
        command.SetAction(
            _ => Run([.. MachineCheck.Run(), CpuKernelCheck.Run(), .. IlgpuCheck.Run(), .. CudaCheck.Run()], terminal));
        return command;
    }

    /// <summary>Prints findings; only one that is <see cref="Health.Broken"/> makes the command fail.</summary>
    internal static int Run(IReadOnlyList<Finding> findings, Terminal terminal)
    {
        var table = new TextTable("", "What", "Found");
        foreach (Finding finding in findings)
        {
            table.Add(Mark(finding.Health), new Cell(finding.Subject, Tone.Name), new Cell(finding.Value));
        }

        terminal.Write(table);
        foreach (Finding finding in findings.Where(finding => finding.Remedy is not null))
        {
            terminal.Output.WriteLine();
            terminal.Output.WriteLine($"{finding.Subject}: {finding.Remedy}");
        }

        return findings.Any(finding => finding.Health == Health.Broken) ? ExitCodes.Failed : ExitCodes.Done;
    }

    private static Cell Mark(Health health) => health switch
    {
        Health.Good => new Cell("ok", Tone.Good),
        Health.Missing => new Cell("--", Tone.Warning),
        _ => new Cell("!!", Tone.Bad),
    };
}
