using Requant.Distributed.Mpi;

namespace Requant.Distributed.Tests;

/// <summary>Which MPI library is taken, and what it is called.</summary>
public sealed class LibraryTests
{
    [Fact]
    public void Mpi_NoLibrary_SaysWhatToInstall()
    {
        DllNotFoundException exception = Assert.Throws<DllNotFoundException>(
            () => Communicator.Mpi(new CommunicatorOptions { MpiLibrary = "libno-mpi.so" }));
        Assert.Contains("libno-mpi.so", exception.Message);
        Assert.Contains("apt install openmpi-bin", exception.Message);
    }

    [Theory]
    [InlineData("OMPI_COMM_WORLD_SIZE", "libmpi.so.40", 4)]
    [InlineData("PMI_SIZE", "libmpich.so.12", 4)]
    [InlineData("NOTHING", "libmpich.so.12", null)]
    internal void Candidates_OfALauncher_BeginWithItsLibrary(string variable, string library, int? size)
    {
        MpiLauncher launcher = MpiLauncher.Read(name => name == variable ? "4" : null);
        Assert.Equal(size, launcher.Size);
        Assert.Equal(library, MpiLibrary.Candidates(launcher)[0]);
    }

    [Theory]
    [InlineData("Open MPI v4.1.4, package: Debian OpenMPI, ident: 4.1.4, repo rev: v4.1.4", 0, "Open MPI 4.1.4")]
    [InlineData("MPICH Version:      4.0.2\nMPICH Release date: Thu Apr  7", 1, "MPICH 4.0.2")]
    [InlineData("MPICH Version:      5.0.0\n", 2, "MPICH 5.0.0, standard ABI")]
    [InlineData("Intel(R) MPI Library 2021.6 for Linux* OS\n", 1, "Intel(R) MPI Library 2021.6 for Linux* OS")]
    public void ShortVersion_OfALibrary_IsNameAndNumber(string text, int kind, string version) =>
        Assert.Equal(version, MpiLibrary.ShortVersion(text, (MpiKind)kind));
}
