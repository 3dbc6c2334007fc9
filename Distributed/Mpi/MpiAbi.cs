using System.Runtime.InteropServices;

namespace Requant.Distributed.Mpi;

/// <summary>Constants of a binary interface. Handles are passed as <see cref="nint"/>, of which a function that takes
/// an int reads the low half.</summary>
/// <param name="World">MPI_COMM_WORLD.</param>
/// <param name="Byte">MPI_BYTE.</param>
/// <param name="ErrorsReturn">MPI_ERRORS_RETURN.</param>
/// <param name="Serialized">MPI_THREAD_SERIALIZED.</param>
/// <param name="Funneled">MPI_THREAD_FUNNELED.</param>
/// <param name="RequestBytes">Size of an MPI_Request.</param>
/// <param name="StatusBytes">Size of an MPI_Status.</param>
/// <param name="StatusError">Where it has its MPI_ERROR.</param>
internal readonly record struct MpiAbi(
    nint World, nint Byte, nint ErrorsReturn, int Serialized, int Funneled, int RequestBytes, int StatusBytes,
    int StatusError)
{
    /// <summary>The least size that holds any library's error or version text.</summary>
    public const int MostText = 8192;

    /// <summary>Tells a library's interface by what it exports.</summary>
    public static unsafe MpiKind KindOf(nint library, string name)
    {
        bool isOpenMpi = NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out _);
        if (!NativeLibrary.TryGetExport(library, "MPI_Abi_get_version", out nint getVersion))
        {
            return isOpenMpi ? MpiKind.OpenMpi : MpiKind.Mpich;
        }

        // Libraries of MPI 5 have the function, too, where their interface is their own; they answer -1. The objects of
        // Open MPI are also found by way of its libmpi_abi, which depends on its libmpi.
        int major = -1;
        int minor = -1;
        ((delegate* unmanaged<int*, int*, int>)getVersion)(&major, &minor);
        bool isNamedSo = Path.GetFileName(name).Contains("mpi_abi", StringComparison.Ordinal);
        return isNamedSo || (major > 0 && !isOpenMpi)
            ? MpiKind.Standard
            : isOpenMpi ? MpiKind.OpenMpi : MpiKind.Mpich;
    }

    public static MpiAbi Of(MpiKind kind, nint library) => kind switch
    {
        // mpi.h of Open MPI 4: threads 1 and 2; a status begins with source, tag, error.
        MpiKind.OpenMpi => new(
            NativeLibrary.GetExport(library, "ompi_mpi_comm_world"), NativeLibrary.GetExport(library, "ompi_mpi_byte"),
            NativeLibrary.GetExport(library, "ompi_mpi_errors_return"), 2, 1, nint.Size, 24, 2 * sizeof(int)),

        // mpi.h of MPICH 3 and 4: a status begins with two ints of its count.
        MpiKind.Mpich => new(0x44000000, 0x4c00010d, 0x54000001, 2, 1, sizeof(int), 20, 4 * sizeof(int)),

        // MPI 5.0, annex A.
        _ => new(0x101, 0x247, 0x142, 2048, 1024, nint.Size, 32, 2 * sizeof(int)),
    };
}
