using System.Globalization;

namespace Requant.Distributed.Mpi;

/// <summary>What the launcher that started this process has put into its environment.</summary>
/// <param name="IsOpenMpi">Whether it speaks Open MPI's protocol, PMIx, rather than MPICH's, PMI.</param>
/// <param name="Size">How many ranks it started; null where it does not say so, or there was none.</param>
internal readonly record struct MpiLauncher(bool IsOpenMpi, int? Size)
{
    public static MpiLauncher Current => Read(Environment.GetEnvironmentVariable);

    /// <summary>Whether there was one.</summary>
    public bool IsThere => IsOpenMpi || Size is not null;

    public static MpiLauncher Read(Func<string, string?> variable) => new(
        variable("OMPI_COMM_WORLD_SIZE") is not null || variable("PMIX_RANK") is not null,
        Number(variable("OMPI_COMM_WORLD_SIZE")) ?? Number(variable("PMI_SIZE")));

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
