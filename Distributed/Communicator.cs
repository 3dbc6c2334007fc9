using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Requant.Distributed.Mpi;
using Requant.Distributed.Nccl;
using Requant.Distributed.Threads;

namespace Requant.Distributed;

/// <summary>Creates communicators.</summary>
public static class Communicator
{
    /// <summary>Whether an MPI launcher such as <c>mpirun</c> started this process. If not, <see cref="Mpi"/> has one
    /// rank, and a program can do without MPI.</summary>
    public static bool HasLauncher => MpiLauncher.Current.IsThere;

    /// <summary>Joins the MPI job that this process was started in, by <c>mpirun</c> or another launcher of Open MPI,
    /// MPICH, or an MPI with the binary interface of one of them or of MPI 5. A process that no launcher started is one
    /// rank.</summary>
    /// <param name="options">How long ranks wait, and which library; the defaults when null.</param>
    /// <returns>The communicator of all ranks. Addresses are host memory. Disposing of it, or the end of the process,
    /// ends MPI, once all ranks do so.</returns>
    /// <exception cref="DllNotFoundException">There is no MPI library.</exception>
    /// <exception cref="InvalidOperationException">This process has joined before, or the library is not the
    /// launcher's.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The time limit is not positive.</exception>
    /// <remarks>If a rank dies, aborts, leaves while others wait for it, or throws an unhandled exception, all ranks
    /// end, and one line on the error stream says which rank it was and what it did last:
    /// <c>requant: rank 2 is gone; the last it did was "gradients of step 17"</c>. See
    /// docs/adr/0028-own-calls-of-mpi.md.</remarks>
    public static ICommunicator Mpi(CommunicatorOptions? options = null)
    {
        LimitOf(options);
        return MpiJob.Join(options ?? new CommunicatorOptions());
    }

    /// <summary>Joins a NCCL job, with the calling thread's current CUDA device. All ranks make this call, each with
    /// another device. Gathers and broadcasts of host memory go through the device.</summary>
    /// <param name="uniqueId">uint8[128]: what one rank got from <see cref="NewNcclId"/> and brought to all, as with
    /// <see cref="ICommunicator.Broadcast"/> of an MPI job.</param>
    /// <param name="rank">This rank.</param>
    /// <param name="size">How many there are.</param>
    /// <param name="stream">The CUDA stream, a CUstream or cudaStream_t of that device, on which all of it runs; 0 for
    /// the default one.</param>
    /// <param name="options">How long ranks wait; the defaults when null.</param>
    /// <returns>The communicator. Addresses of transfers are memory of the device. Exchanges run in the order in which
    /// they were begun, so that all ranks begin those that belong together in the same order.</returns>
    /// <exception cref="ArgumentException">The id has another length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The rank is not in this job.</exception>
    /// <exception cref="DllNotFoundException">There is no NCCL, or no CUDA driver.</exception>
    /// <exception cref="CommunicationException">The ranks do not find each other.</exception>
    /// <remarks>Not yet run on a GPU. A rank that fails or waits too long throws <see cref="CommunicationException"/>,
    /// and its communicator cannot be used any more. NCCL does not say which rank died; in a job that has also joined
    /// <see cref="Mpi"/>, that communicator does.</remarks>
    public static ICommunicator Nccl(
        byte[] uniqueId, int rank, int size, nint stream = 0, CommunicatorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(uniqueId);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        TransferCheck.ThrowIfNoRank(rank, size, nameof(rank));
        if (uniqueId.Length != NcclUniqueId.Bytes)
        {
            throw new ArgumentException(
                $"The id has {uniqueId.Length} bytes instead of {NcclUniqueId.Bytes}.",
                nameof(uniqueId));
        }

        TimeSpan limit = LimitOf(options);
        var id = MemoryMarshal.Read<NcclUniqueId>(uniqueId);
        return new NcclCommunicator(id, rank, size, stream, limit);
    }

    /// <summary>An id for a new NCCL job, which one rank asks for.</summary>
    /// <returns>uint8[128].</returns>
    /// <exception cref="DllNotFoundException">There is no NCCL.</exception>
    public static unsafe byte[] NewNcclId()
    {
        NcclLibrary library = NcclLibrary.OfProcess;
        NcclUniqueId id = default;
        library.Check(library.GetUniqueId(&id), "ncclGetUniqueId");
        return [.. (ReadOnlySpan<byte>)id];
    }

    /// <summary>Ranks that are threads of this process, for tests and simulations. Each is for a thread of its own.
    /// If a rank is disposed of while others wait for it, they throw.</summary>
    /// <param name="size">How many, at least 1.</param>
    /// <param name="options">How long they wait; the defaults when null.</param>
    /// <returns>ICommunicator[size], in the order of ranks.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are no ranks.</exception>
    public static ICommunicator[] Threads(int size, CommunicatorOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        TimeSpan limit = LimitOf(options);
        var ranks = new ThreadRanks(size);
        return [.. Enumerable.Range(0, size).Select(rank => new ThreadCommunicator(ranks, rank, limit))];
    }

    /// <summary>Runs one body on each of several ranks that are threads of this process, and waits for all of
    /// them.</summary>
    /// <param name="size">How many ranks, at least 1.</param>
    /// <param name="body">What each rank does. An exception ends the other ranks, too, when they wait.</param>
    /// <param name="options">How long they wait; the defaults when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no ranks.</exception>
    /// <exception cref="Exception">What a body threw, the first one of all ranks, as it was.</exception>
    public static void RunThreads(int size, Action<ICommunicator> body, CommunicatorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        ICommunicator[] ranks = Threads(size, options);
        ExceptionDispatchInfo? first = null;
        Thread[] threads = [.. ranks.Select(rank => new Thread(() =>
        {
            try
            {
                body(rank);
                rank.Dispose();
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref first, ExceptionDispatchInfo.Capture(exception), null);
                ((ThreadCommunicator)rank).Fail(exception);
            }
        })
        {
            Name = $"rank {rank.Rank}",
            IsBackground = true,
        })];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        first?.Throw();
    }

    private static TimeSpan LimitOf(CommunicatorOptions? options) =>
        TransferCheck.Usable((options ?? new CommunicatorOptions()).TimeLimit, nameof(options));
}
