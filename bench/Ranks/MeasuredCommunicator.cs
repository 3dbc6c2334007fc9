using System.Diagnostics;
using Requant.Distributed;

namespace Requant.Bench.Ranks;

/// <summary>Counts the bytes that a rank sends, and the time that it spends on sending, receiving and
/// waiting.</summary>
internal sealed class MeasuredCommunicator(ICommunicator ranks) : ICommunicator
{
    private readonly List<Exchange> _free = [];

    public int Rank => ranks.Rank;

    public int Size => ranks.Size;

    public string Library => ranks.Library;

    /// <summary>Bytes that went to other ranks.</summary>
    public long SentBytes { get; private set; }

    /// <summary>Messages that went to other ranks.</summary>
    public long Messages { get; private set; }

    /// <summary>Time in calls.</summary>
    public TimeSpan Elapsed { get; private set; }

    public void Reset() => (SentBytes, Messages, Elapsed) = (0, 0, TimeSpan.Zero);

    public IExchange Begin(ReadOnlySpan<Transfer> sends, ReadOnlySpan<Transfer> receives, string activity)
    {
        foreach (ref readonly Transfer send in sends)
        {
            SentBytes += send.Rank == Rank ? 0 : send.Bytes;
            Messages += send.Rank == Rank ? 0 : 1;
        }

        long start = Stopwatch.GetTimestamp();
        IExchange inner = ranks.Begin(sends, receives, activity);
        Elapsed += Stopwatch.GetElapsedTime(start);
        Exchange exchange = _free.Count > 0 ? _free[^1] : new Exchange(this);
        _free.Remove(exchange);
        exchange.Inner = inner;
        return exchange;
    }

    public void Gather(ReadOnlySpan<byte> mine, Span<byte> all, string activity)
    {
        SentBytes += (long)(Size - 1) * mine.Length;
        long start = Stopwatch.GetTimestamp();
        ranks.Gather(mine, all, activity);
        Elapsed += Stopwatch.GetElapsedTime(start);
    }

    public void Broadcast(Span<byte> bytes, int root, string activity)
    {
        SentBytes += root == Rank ? (long)(Size - 1) * bytes.Length : 0;
        long start = Stopwatch.GetTimestamp();
        ranks.Broadcast(bytes, root, activity);
        Elapsed += Stopwatch.GetElapsedTime(start);
    }

    public void Barrier(string activity) => ranks.Barrier(activity);

    public void Abort(string reason) => ranks.Abort(reason);

    public void Dispose() => ranks.Dispose();

    private sealed class Exchange(MeasuredCommunicator owner) : IExchange
    {
        public IExchange Inner { get; set; } = null!;

        public bool IsCompleted => Inner.IsCompleted;

        public void Wait()
        {
            long start = Stopwatch.GetTimestamp();
            Inner.Wait();
            owner.Elapsed += Stopwatch.GetElapsedTime(start);
            owner._free.Add(this);
        }
    }
}
