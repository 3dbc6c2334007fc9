namespace Requant.Distributed.Mpi;

/// <summary>Whose binary interface a library has: what handles are and where a status keeps what.</summary>
internal enum MpiKind
{
    /// <summary>Handles are addresses of objects that the library exports.</summary>
    OpenMpi,

    /// <summary>Handles are ints; Intel MPI, MVAPICH and Cray MPICH have the same.</summary>
    Mpich,

    /// <summary>The interface that MPI 5 defines, of <c>libmpi_abi</c>: handles are small numbers as wide as an
    /// address.</summary>
    Standard,
}
