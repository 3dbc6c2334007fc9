using System.Runtime.InteropServices;
using Requant.Distributed.Mpi;
using Requant.Distributed.Ranks;
using Requant.Tests;

namespace Requant.Distributed.Tests;

/// <summary>What holds of every communicator: of threads here, of processes in jobs of each launcher.</summary>
public sealed class ContractTests
{
    private static readonly int[] Sizes = [1, 2, 3, 4];

    /// <summary>Threads that miss a transfer fail after this, rather than hang.</summary>
    private static readonly CommunicatorOptions Soon = new() { TimeLimit = TimeSpan.FromSeconds(20) };

    public static MatrixTheoryData<string, int> Checks { get; } =
        new(Contract.Checks.Select(check => check.Name), Sizes);

    public static MatrixTheoryData<string, int> Jobs { get; } =
        new([Launcher.OpenMpi.Name, Launcher.Mpich.Name], Sizes);

    [Theory]
    [MemberData(nameof(Checks))]
    public void Threads_Check_Holds(string name, int size) =>
        Communicator.RunThreads(size, Contract.Checks.Single(check => check.Name == name).Run, Soon);

    [Theory]
    [MemberData(nameof(Jobs))]
    public void Mpi_Contract_Holds(string launcher, int size)
    {
        using Job job = RanksProgram.Start(launcher, size, "contract");
        job.Wait();
        Assert.Contains($"ok {Contract.Checks.Count} checks on {size} ranks of {launcher} ", job.Output);
        Assert.Equal(0, job.ExitCode);
    }

    [Theory]
    [InlineData("Open MPI")]
    [InlineData("MPICH")]
    public void Mpi_MessagesInPieces_ContractHolds(string launcher)
    {
        using Job job = RanksProgram.Start(launcher, 3, "contract", "20000");
        job.Wait();
        Assert.Contains($"ok {Contract.Checks.Count} checks on 3 ranks of {launcher} ", job.Output);
        Assert.Equal(0, job.ExitCode);
    }

    [Fact]
    public void Mpi_WithoutLauncher_IsOneRank()
    {
        Assert.SkipUnless(
            MpiLibrary.Candidates(default).Any(name => NativeLibrary.TryLoad(name, out _)),
            "There is no MPI library.");
        using var job = new Job("dotnet", [RanksProgram.Path, "contract"]);
        job.Wait();
        Assert.Contains($"ok {Contract.Checks.Count} checks on 1 ranks of ", job.Output);
        Assert.Equal(0, job.ExitCode);
    }
}
