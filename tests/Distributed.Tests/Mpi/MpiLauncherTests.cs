using Requant.Distributed.Mpi;

namespace Requant.Distributed.Tests.Mpi;

/// <summary>What tells a process that a launcher started it.</summary>
public class MpiLauncherTests
{
    [Theory]
    [InlineData(true, "OMPI_COMM_WORLD_SIZE", "4")] // Open MPI's mpirun
    [InlineData(true, "PMIX_RANK", "0")] // others that speak PMIx
    [InlineData(true, "PMI_SIZE", "4")] // MPICH's
    [InlineData(false, "SLURM_NTASKS", "4")] // a batch script, by itself
    public void IsThere_OfEachLauncher_IsWhetherThereIsOne(bool expected, string variable, string value) =>
        Assert.Equal(expected, MpiLauncher.Read(name => name == variable ? value : null).IsThere);
}
