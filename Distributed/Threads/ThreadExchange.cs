using System.Diagnostics;
using Requant.Distributed.Faults;

namespace Requant.Distributed.Threads;

/// <summary>Transfers of one <see cref="ThreadCommunicator.Start"/>.</summary>
internal sealed class ThreadExchange(ThreadCommunicator owner, ThreadRanks ranks) : IExchange
{
    private bool _isUnderWay;
    private string? _failure;
    private int _failedRank;

    /// <summary>Transfers that have not been made; guarded by the ranks' gate.</summary>
    public int Pending { get; set; }

    public bool IsCompleted
    {
        get
        {
            lock (ranks.Gate)
            {
                ThrowIfFailed();
                return Pending == 0;
            }
        }
    }

    public void Begin() => (_isUnderWay, _failure) = (true, null);

    public void Fail(int rank, string text)
    {
        if (_failure is null)
        {
            (_failure, _failedRank) = (text, rank);
        }
    }

    public void Wait()
    {
        if (!_isUnderWay)
        {
            throw new InvalidOperationException("This exchange was waited for before.");
        }

        long start = Stopwatch.GetTimestamp();
        lock (ranks.Gate)
        {
            while (true)
            {
                ThrowIfFailed();
                if (Pending == 0)
                {
                    break;
                }

                if (!Monitor.Wait(ranks.Gate, Left(start)))
                {
                    throw new CommunicationException(
                        FaultText.Late(
                            owner.Rank, ranks.ActivityOf(owner.Rank), owner.TimeLimit, FaultText.OtherRanks));
                }
            }
        }

        _isUnderWay = false;
        owner.Return(this);
    }

    private TimeSpan Left(long start)
    {
        if (owner.TimeLimit == Timeout.InfiniteTimeSpan)
        {
            return Timeout.InfiniteTimeSpan;
        }

        TimeSpan left = owner.TimeLimit - Stopwatch.GetElapsedTime(start);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void ThrowIfFailed()
    {
        if (_failure is not null)
        {
            throw new CommunicationException(_failure, _failedRank);
        }

        if (Pending > 0)
        {
            ranks.ThrowIfEnded();
        }
    }
}
