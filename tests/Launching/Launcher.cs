using System.Diagnostics;

namespace Requant.Distributed.Tests;

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

    /// <summary>Starts a job of ranks that run tests/Distributed.Ranks; skips the test where there is no
    /// launcher.</summary>
    public Job Start(int ranks, params string[] arguments)
    {
        string? program = Programs.FirstOrDefault(IsThis);
        Assert.SkipWhen(program is null, $"{Name} is not installed: none of {string.Join(", ", Programs)} is its.");
        return new Job(program!, [.. Arguments, "-n", $"{ranks}", "dotnet", RanksProgram, .. arguments]);
    }

    public static string RanksProgram { get; } = typeof(Ranks.Contract).Assembly.Location;

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
