namespace Requant.Distributed;

/// <summary>Makes gathers, broadcasts and barriers of sends and receives, so that a rank always knows whom it waits
/// for, and checks all arguments.</summary>
internal abstract unsafe class RankedCommunicator : ICommunicator
{
    private readonly Transfer[] _sends;
    private readonly Transfer[] _receives;

    protected RankedCommunicator(int rank, int size, TimeSpan timeLimit)
    {
        (Rank, Size, TimeLimit) = (rank, size, timeLimit);
        _sends = new Transfer[size];
        _receives = new Transfer[size];
    }

    public int Rank { get; }

    public int Size { get; }

    public abstract string Library { get; }

    /// <summary>The longest that a wait takes.</summary>
    internal TimeSpan TimeLimit { get; }

    public IExchange Begin(ReadOnlySpan<Transfer> sends, ReadOnlySpan<Transfer> receives, string activity)
    {
        TransferCheck.ThrowIfUnusable(sends, Size, nameof(sends));
        TransferCheck.ThrowIfUnusable(receives, Size, nameof(receives));
        Enter(activity);
        return Start(Channel.Exchanges, sends, receives);
    }

    public void Gather(ReadOnlySpan<byte> mine, Span<byte> all, string activity)
    {
        TransferCheck.ThrowIfNotAll(mine.Length, all.Length, Size, nameof(all));
        Enter(activity);
        int count = 0;
        fixed (byte* from = mine, to = all)
        {
            // Each begins with the rank behind it, so that not all of them send to rank 0 first.
            for (int i = 1; i < Size; i++)
            {
                int next = (Rank + i) % Size;
                int previous = (Rank + Size - i) % Size;
                _sends[count] = new Transfer(next, (nint)from, mine.Length);
                _receives[count++] = new Transfer(previous, (nint)(to + ((long)previous * mine.Length)), mine.Length);
            }

            IExchange exchange = Start(Channel.Collectives, _sends.AsSpan(0, count), _receives.AsSpan(0, count));
            mine.CopyTo(all.Slice(Rank * mine.Length, mine.Length));
            exchange.Wait();
        }
    }

    public void Broadcast(Span<byte> bytes, int root, string activity)
    {
        TransferCheck.ThrowIfNoRank(root, Size, nameof(root));
        Enter(activity);
        fixed (byte* address = bytes)
        {
            // A binomial tree: a rank gets the bytes from the one whose distance to the root is its own without the
            // lowest bit.
            int distance = (Rank - root + Size) % Size;
            int lowest = 1;
            while (lowest < Size && (distance & lowest) == 0)
            {
                lowest <<= 1;
            }

            if (distance != 0)
            {
                _receives[0] = new Transfer((distance - lowest + root) % Size, (nint)address, bytes.Length);
                Start(Channel.Collectives, [], _receives.AsSpan(0, 1)).Wait();
            }

            int count = 0;
            for (int bit = lowest >> 1; bit > 0; bit >>= 1)
            {
                if (distance + bit < Size)
                {
                    _sends[count++] = new Transfer((distance + bit + root) % Size, (nint)address, bytes.Length);
                }
            }

            Start(Channel.Collectives, _sends.AsSpan(0, count), []).Wait();
        }
    }

    public void Barrier(string activity)
    {
        Enter(activity);
        Meet(Channel.Collectives);
    }

    public abstract void Abort(string reason);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Notes what this rank does from now on.</summary>
    protected abstract void Note(string activity);

    /// <summary>Begins sends and receives whose arguments are right.</summary>
    protected abstract IExchange Start(
        Channel channel, ReadOnlySpan<Transfer> sends, ReadOnlySpan<Transfer> receives);

    /// <summary>Waits until all ranks have come here.</summary>
    protected void Meet(Channel channel)
    {
        // After the round of distance d, a rank has heard, by way of others, of the 2d - 1 ranks before it.
        for (int distance = 1; distance < Size; distance <<= 1)
        {
            _sends[0] = new Transfer((Rank + distance) % Size, 0, 0);
            _receives[0] = new Transfer((Rank + Size - distance) % Size, 0, 0);
            Start(channel, _sends.AsSpan(0, 1), _receives.AsSpan(0, 1)).Wait();
        }
    }

    protected abstract void Dispose(bool disposing);

    private void Enter(string activity)
    {
        ArgumentException.ThrowIfNullOrEmpty(activity);
        Note(activity);
    }
}
