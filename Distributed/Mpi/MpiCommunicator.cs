using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Requant.Distributed.Faults;

namespace Requant.Distributed.Mpi;

/// <summary>One process of an MPI job.</summary>
internal sealed class MpiCommunicator : RankedCommunicator
{
    private readonly MpiJob _job;
    private readonly Stack<MpiExchange> _pool = new();
    private readonly SortedSet<int> _awaited = [];
    private string _activity = FaultText.FirstActivity;
    private RankWatch? _watch;
    private bool _isDisposed;
    private bool _hasFailed;

    public MpiCommunicator(MpiJob job, CommunicatorOptions options)
        : base(job.Rank, job.Size, options.TimeLimit)
    {
        _job = job;
        PieceBytes = options.PieceBytes;
        Library = job.Library.ReadVersion();
        StartWatch();
    }

    public override string Library { get; }

    internal nint Handle => _job.Handle;

    /// <summary>The most bytes of a message, whose length is an int.</summary>
    internal int PieceBytes { get; }

    public override void Abort(string reason) => End(FaultText.Aborted(Rank, reason));

    /// <summary>Waits for messages: looks for them all the time at first, then between other processes' turns, then
    /// once a millisecond, so that ranks that share a core leave it to those that compute.</summary>
    internal void WaitFor(MpiExchange exchange)
    {
        long start = Stopwatch.GetTimestamp();
        long idleSince = start;
        int left = exchange.Left;
        while (true)
        {
            long before = Stopwatch.GetTimestamp();
            if (exchange.Poll())
            {
                return;
            }

            // MPI moves long messages bit by bit within such calls.
            long now = Stopwatch.GetTimestamp();
            if (exchange.Left != left || PollBackoff.HasMoved(Stopwatch.GetElapsedTime(before, now)))
            {
                (left, idleSince) = (exchange.Left, now);
            }

            if (PollBackoff.Pause(Stopwatch.GetElapsedTime(idleSince, now)))
            {
                CheckOthers(exchange, Stopwatch.GetElapsedTime(start, now));
            }
        }
    }

    internal void Return(MpiExchange exchange) => _pool.Push(exchange);

    /// <summary>Ends the wait for a rank because of an error that MPI has.</summary>
    internal void Fail(int rank, string error)
    {
        // A rank that died is likely the reason: then its line says so, and this process ends.
        for (int i = 0; i < PollBackoff.PausesForWatch; i++)
        {
            EndIfEnded();
            Thread.Sleep(1);
        }

        throw new CommunicationException(FaultText.Broken(Rank, _activity, FaultText.Awaited(rank, null), error), rank);
    }

    internal void FailOfLength(int rank, long sent, long expected) =>
        throw new CommunicationException(FaultText.OtherLength(Rank, _activity, rank, sent, expected), rank);

    /// <summary>Says that this rank fails because of an exception that nobody caught. The runtime ends the process
    /// then, and the launcher the others.</summary>
    internal void ReportUnhandled(Exception exception)
    {
        _hasFailed = true;
        Report(FaultText.Failed(Rank, _activity, exception));
        _job.RestoreSignals();
    }

    /// <summary>Leaves the job where the process ends without having disposed of this.</summary>
    internal void LeaveAtExit()
    {
        if (_isDisposed || _hasFailed || _watch is { IsEnded: true })
        {
            return;
        }

        if (Environment.ExitCode == 0)
        {
            Dispose();
        }
        else
        {
            // Launchers end a job of which a process ends without MPI_Finalize.
            Report(FaultText.Exited(Rank, _activity, Environment.ExitCode));
        }
    }

    protected override void Note(string activity)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        EndIfEnded();
        _activity = activity;
        _watch?.Note(activity);
    }

    protected override IExchange Start(
        Channel channel, ReadOnlySpan<Transfer> sends, ReadOnlySpan<Transfer> receives)
    {
        MpiExchange exchange = _pool.TryPop(out MpiExchange? used) ? used : new MpiExchange(this, _job.Library);
        exchange.Begin((int)channel, sends, receives);
        return exchange;
    }

    protected override void Dispose(bool disposing)
    {
        // The runtime still runs what disposes of this after an exception that nobody caught.
        if (_isDisposed || _hasFailed)
        {
            return;
        }

        EndIfEnded();
        _isDisposed = true;
        _watch?.BeginLeave();
        // Within MPI_Finalize no rank sees what becomes of the others, and Open MPI's launcher can lock itself up where
        // one ends the job meanwhile.
        Meet(Channel.Farewell);
        _job.Leave();
        _watch?.Leave();
    }

    private void StartWatch()
    {
        if (Size == 1)
        {
            return;
        }

        byte[] name = Guid.NewGuid().ToByteArray();
        Broadcast(name, 0, FaultText.FirstActivity);
        _watch = RankWatch.TryStart(Convert.ToHexString(name), Rank, Size);
        Barrier(FaultText.FirstActivity);
        _watch?.WatchOthers();
    }

    private void EndIfEnded()
    {
        if (_watch is { IsEnded: true })
        {
            _watch.AwaitEnd();
        }
    }

    private void CheckOthers(MpiExchange exchange, TimeSpan waited)
    {
        EndIfEnded();
        // Whoever leaves has time for those that still compute.
        if (_isDisposed || waited < PollBackoff.PatienceWithLeavers)
        {
            return;
        }

        bool isLate = TimeLimit != Timeout.InfiniteTimeSpan && waited > TimeLimit;
        _awaited.Clear();
        exchange.AddAwaited(_awaited);
        foreach (int rank in _awaited)
        {
            if (_watch?.StateOf(rank) is RankState.Leaving or RankState.Left)
            {
                End(FaultText.Gone(rank, _watch.ActivityOf(rank)));
            }
        }

        if (isLate)
        {
            End(FaultText.Late(Rank, _activity, TimeLimit, string.Join(", ", _awaited.Select(Describe))));
        }
    }

    private string Describe(int rank) => FaultText.Awaited(
        rank, _watch is not null && _watch.StateOf(rank) != RankState.Elsewhere ? _watch.ActivityOf(rank) : null);

    [DoesNotReturn]
    private void End(string text)
    {
        if (!Report(text))
        {
            _watch!.AwaitEnd();
        }

        _job.Abort();
    }

    private bool Report(string text)
    {
        if (_watch is not null)
        {
            return _watch.Report(text);
        }

        Console.Error.WriteLine(FaultText.Prefix + text);
        return true;
    }
}
