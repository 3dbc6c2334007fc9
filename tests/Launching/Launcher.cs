using System.Diagnostics;
using Xunit;

namespace Requant.Tests;

/// <summary>An mpirun of this machine.</summary>
public sealed record Launcher(string Name, string[] Programs, string[] Arguments, string Mark)
{
    /// <summary>Without binding, which ties two ranks to a core each and has one starve on a core that another program
    /// has to itself.</summary>
    public static Launcher OpenMpi { get; } = new(
        "Open MPI", ["mpirun.openmpi", "mpirun"], ["--allow-run-as-root", "--oversubscribe", "--bind-to", "none"],
        "open-mpi");

    public static Launcher Mpich { get; } = new("MPICH", ["mpirun.mpich", "mpiexec.hydra", "mpirun"], [], "HYDRA");

    public static Launcher Of(string name) => name == OpenMpi.Name ? OpenMpi : Mpich;

    /// <summary>Starts a job of ranks; skips the test where there is no launcher.</summary>
    /// <param name="program">The program's assembly.</param>
    /// <param name="ranks">How many.</param>
    /// <param name="arguments">Of the program.</param>
    public Job Start(string program, int ranks, params string[] arguments)
    {
        string? launcher = Programs.FirstOrDefault(IsThis);
        Assert.SkipWhen(launcher is null, $"{Name} is not installed: none of {string.Join(", ", Programs)} is its.");
        return new Job(launcher!, [.. Arguments, "-n", $"{ranks}", "dotnet", program, .. arguments]);
    }

    public override string ToString() => Name;

    private bool IsThis(string program)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, ["--version"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            string text = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return text.Contains(Mark, StringComparison.Ordinal);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
