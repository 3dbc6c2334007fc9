namespace Requant.Distributed;

/// <summary>How ranks find each other and how long they wait.</summary>
public sealed class CommunicatorOptions
{
    /// <summary>How long a rank waits for others before it ends the job and says whom it waited for. It must be longer
    /// than anything that one rank does alone, such as a save. <see cref="Timeout.InfiniteTimeSpan"/> for no limit;
    /// 10 minutes by default.</summary>
    /// <remarks>A rank that dies on this host is noticed at once, whatever the limit.</remarks>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The file of the MPI library, as <c>libmpi.so.40</c> or a path; null to take the one that belongs to the
    /// launcher.</summary>
    public string? MpiLibrary { get; init; }

    /// <summary>The most bytes of an MPI message: 1 GiB, and less where a test has them cut.</summary>
    internal int PieceBytes { get; init; } = 1 << 30;
}
