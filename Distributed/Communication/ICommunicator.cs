namespace Requant.Distributed;

/// <summary>The ranks of one job, as one of them sees them. Ranks are numbered from 0.</summary>
/// <remarks>
/// <para>All ranks make the same calls in the same order: a <see cref="Gather"/>, <see cref="Broadcast"/> or
/// <see cref="Barrier"/> ends when every rank has reached it, and what an exchange sends is received by an exchange of
/// the other rank. A communicator is for one thread at a time.</para>
/// <para>Each call takes an <c>activity</c>, a few words such as <c>gradients of step 17</c>. If a rank ends before
/// the others, one line says which rank it was and what its last activity was.</para>
/// <para>A call throws <see cref="CommunicationException"/> when another rank is gone. Between processes
/// (<see cref="Communicator.Mpi"/>) there is nothing to catch: the line is printed and all ranks end.</para>
/// </remarks>
public interface ICommunicator : IDisposable
{
    /// <summary>The number of this rank: 0 to <see cref="Size"/> - 1.</summary>
    int Rank { get; }

    /// <summary>How many ranks there are.</summary>
    int Size { get; }

    /// <summary>What carries the bytes, with its version: <c>Open MPI 4.1.4</c>, <c>MPICH 4.0.2</c>,
    /// <c>NCCL 2.21.5</c>, <c>threads of one process</c>.</summary>
    string Library { get; }

    /// <summary>Begins to send and to receive. From one rank to another, the n-th send goes to the n-th receive, over
    /// all exchanges.</summary>
    /// <param name="sends">To which ranks, and from where. May hold this rank, and runs of 0 bytes.</param>
    /// <param name="receives">From which ranks, and to where; as long as what is sent.</param>
    /// <param name="activity">What this rank does, in a few words.</param>
    /// <returns>The exchange, for one <see cref="IExchange.Wait"/>. Until that returns, the memory stays where it is,
    /// what is sent does not change, and what is received is not read. Several can be under way.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A rank is not in this job, or a length is
    /// negative.</exception>
    /// <exception cref="ArgumentException">A run of bytes has no address.</exception>
    /// <exception cref="CommunicationException">Another rank is gone.</exception>
    IExchange Begin(ReadOnlySpan<Transfer> sends, ReadOnlySpan<Transfer> receives, string activity);

    /// <summary>Brings bytes of all ranks to all ranks.</summary>
    /// <param name="mine">This rank's; as many on each rank.</param>
    /// <param name="all">Those of all ranks, in the order of ranks: <see cref="Size"/> times as many.</param>
    /// <param name="activity">What this rank does, in a few words.</param>
    /// <exception cref="ArgumentException"><paramref name="all"/> has another length.</exception>
    /// <exception cref="CommunicationException">Another rank is gone, or has another number of bytes.</exception>
    void Gather(ReadOnlySpan<byte> mine, Span<byte> all, string activity);

    /// <summary>Brings bytes of one rank to all ranks.</summary>
    /// <param name="bytes">On <paramref name="root"/> what is sent, on others what is received; as many on each
    /// rank.</param>
    /// <param name="root">The rank that has them.</param>
    /// <param name="activity">What this rank does, in a few words.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rank is not in this job.</exception>
    /// <exception cref="CommunicationException">Another rank is gone, or has another number of bytes.</exception>
    void Broadcast(Span<byte> bytes, int root, string activity);

    /// <summary>Waits until all ranks are here.</summary>
    /// <param name="activity">What this rank does, in a few words.</param>
    /// <exception cref="CommunicationException">Another rank is gone.</exception>
    void Barrier(string activity);

    /// <summary>Ends all ranks, with one line on the error stream that has the reason. Does not return: it ends the
    /// process, or throws where ranks are threads.</summary>
    /// <param name="reason">Why, in a sentence without its full stop.</param>
    /// <exception cref="CommunicationException">Ranks are threads.</exception>
    void Abort(string reason);
}
