using System.Runtime.InteropServices;
using Requant.Distributed.Mpi;

namespace Requant.Bench.Ranks;

/// <summary>MPI's own collectives for the bytes that a step exchanges: every rank's gradients of each rank's part go
/// there, and each part's parameters to all.</summary>
internal sealed unsafe class RawMpi
{
    private readonly MpiAbi _abi;
    private readonly delegate* unmanaged<nint, int*, int*, nint, nint, int*, int*, nint, nint, int> _allToAll;
    private readonly delegate* unmanaged<nint, int, nint, nint, int*, int*, nint, nint, int> _allGather;
    private readonly int[] _counts;
    private readonly int[] _starts;
    private readonly int[] _own;
    private readonly int[] _ownStarts;
    private readonly int _rank;
    private readonly nint _model;
    private readonly nint _received;

    /// <param name="rank">This rank.</param>
    /// <param name="parts">Bytes of each rank's part.</param>
    public RawMpi(int rank, long[] parts)
    {
        MpiLibrary library = MpiLibrary.Load(null);
        _abi = library.Abi;
        nint handle = NativeLibrary.Load(library.Name);
        _allToAll = (delegate* unmanaged<nint, int*, int*, nint, nint, int*, int*, nint, nint, int>)
            NativeLibrary.GetExport(handle, "MPI_Alltoallv");
        _allGather = (delegate* unmanaged<nint, int, nint, nint, int*, int*, nint, nint, int>)
            NativeLibrary.GetExport(handle, "MPI_Allgatherv");
        _rank = rank;
        _counts = [.. parts.Select(bytes => checked((int)bytes))];
        _starts = [.. parts.Select((_, index) => checked((int)parts.Take(index).Sum()))];
        _own = [.. parts.Select(_ => _counts[rank])];
        _ownStarts = [.. parts.Select((_, index) => checked(index * _counts[rank]))];
        _model = Memory(parts.Sum());
        _received = Memory((long)parts.Length * _counts[rank]);
    }

    /// <summary>Exchanges as many bytes as a step does.</summary>
    public void Exchange()
    {
        fixed (int* counts = _counts, starts = _starts, own = _own, ownStarts = _ownStarts)
        {
            Check(_allToAll(
                _model, counts, starts, _abi.Byte, _received, own, ownStarts, _abi.Byte, _abi.World), "MPI_Alltoallv");
            Check(_allGather(
                _received, _counts[_rank], _abi.Byte, _model, counts, starts, _abi.Byte, _abi.World), "MPI_Allgatherv");
        }
    }

    private static nint Memory(long bytes)
    {
        void* memory = NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), 64);
        NativeMemory.Fill(memory, (nuint)bytes, 1);
        return (nint)memory;
    }

    private static void Check(int error, string function)
    {
        if (error != 0)
        {
            throw new InvalidOperationException($"{function} returns {error}.");
        }
    }
}
