namespace Requant.Distributed.Mpi;

/// <summary>How a rank passes the time until it looks for messages again.</summary>
internal static class PollBackoff
{
    /// <summary>Milliseconds, one each, in which a dead rank's watcher has spoken.</summary>
    public const int PausesForWatch = 1000;

    /// <summary>How long a call takes that moves bytes: one that finds nothing takes a microsecond or two, and one that
    /// takes longer has lost its core to another process.</summary>
    private static readonly TimeSpan ShortestMove = TimeSpan.FromMicroseconds(20);
    private static readonly TimeSpan LongestMove = TimeSpan.FromMilliseconds(1);

    /// <summary>How long what a rank sent before it left may be under way.</summary>
    public static readonly TimeSpan PatienceWithLeavers = TimeSpan.FromSeconds(2);

    private const int Spins = 20;

    /// <summary>Longer than a message takes between ranks that run.</summary>
    private static readonly TimeSpan SpinTime = TimeSpan.FromMicroseconds(50);

    /// <summary>Longer than ranks that share a core need for each other's turns.</summary>
    private static readonly TimeSpan YieldTime = TimeSpan.FromMilliseconds(20);

    /// <summary>Whether a call that completed nothing has likely moved some bytes of a long message.</summary>
    public static bool HasMoved(TimeSpan call) => call > ShortestMove && call < LongestMove;

    /// <summary>Passes some time, the more the longer nothing has happened.</summary>
    /// <returns>Whether it was so long that the others can be looked after.</returns>
    public static bool Pause(TimeSpan idle)
    {
        if (idle < SpinTime)
        {
            Thread.SpinWait(Spins);
            return false;
        }

        if (idle < YieldTime)
        {
            Thread.Yield();
            return false;
        }

        Thread.Sleep(1);
        return true;
    }
}
