using Requant.Distributed.Faults;

namespace Requant.Distributed.Threads;

/// <summary>One of the ranks that are threads of this process.</summary>
internal sealed class ThreadCommunicator(ThreadRanks ranks, int rank, TimeSpan timeLimit)
    : RankedCommunicator(rank, ranks.Size, timeLimit)
{
    private readonly Stack<ThreadExchange> _pool = new();

    public override string Library => "threads of one process";

    public override void Abort(string reason)
    {
        string text = FaultText.Aborted(Rank, reason);
        ranks.End(Rank, text);
        throw new CommunicationException(text, Rank);
    }

    /// <summary>Ends all ranks because of an exception in this one.</summary>
    public void Fail(Exception exception) =>
        ranks.End(Rank, FaultText.Failed(Rank, ranks.ActivityOf(Rank), exception));

    public void Return(ThreadExchange exchange) => _pool.Push(exchange);

    protected override void Note(string activity) => ranks.Note(Rank, activity);

    protected override IExchange Start(
        Channel channel, ReadOnlySpan<Transfer> sends, ReadOnlySpan<Transfer> receives)
    {
        ThreadExchange exchange = _pool.TryPop(out ThreadExchange? used) ? used : new ThreadExchange(this, ranks);
        exchange.Begin();
        ranks.Start(exchange, Rank, channel, sends, receives);
        return exchange;
    }

    protected override void Dispose(bool disposing) => ranks.Leave(Rank);
}
