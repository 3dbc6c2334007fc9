using Requant.Distributed.Faults;

namespace Requant.Distributed.Threads;

/// <summary>What ranks that are threads of one process share. A send and a receive that match are one copy, made by
/// the later of the two.</summary>
internal sealed unsafe class ThreadRanks
{
    private const int ChannelCount = (int)Channel.Collectives + 1;

    private readonly Line[] _lines;
    private readonly string[] _activities;
    private readonly bool[] _hasLeft;
    private string? _end;
    private int _endedBy;

    public ThreadRanks(int size)
    {
        Size = size;
        _lines = [.. Enumerable.Range(0, ChannelCount * size * size).Select(_ => new Line())];
        _activities = [.. Enumerable.Repeat(FaultText.FirstActivity, size)];
        _hasLeft = new bool[size];
    }

    public int Size { get; }

    /// <summary>Guards all of this, exchanges included.</summary>
    public object Gate { get; } = new();

    public string ActivityOf(int rank)
    {
        lock (Gate)
        {
            return _activities[rank];
        }
    }

    /// <summary>Notes what a rank does.</summary>
    /// <exception cref="CommunicationException">The ranks have ended.</exception>
    public void Note(int rank, string activity)
    {
        lock (Gate)
        {
            ObjectDisposedException.ThrowIf(_hasLeft[rank], typeof(ICommunicator));
            ThrowIfEnded();
            _activities[rank] = activity;
        }
    }

    /// <summary>Ends all ranks: what they wait for, and all that they begin, throws.</summary>
    public void End(int rank, string text)
    {
        lock (Gate)
        {
            if (_end is null)
            {
                (_end, _endedBy) = (text, rank);
                Monitor.PulseAll(Gate);
            }
        }
    }

    /// <exception cref="CommunicationException">The ranks have ended.</exception>
    public void ThrowIfEnded()
    {
        if (_end is not null)
        {
            throw new CommunicationException(_end, _endedBy);
        }
    }

    /// <summary>Takes a rank out: whatever waits for it fails. Where all ranks have ended, it was not this one's
    /// leaving that they end of.</summary>
    public void Leave(int rank)
    {
        lock (Gate)
        {
            if (_hasLeft[rank])
            {
                return;
            }

            _hasLeft[rank] = true;
            if (_end is not null)
            {
                return;
            }

            for (int channel = 0; channel < ChannelCount; channel++)
            {
                for (int other = 0; other < Size; other++)
                {
                    LineOf((Channel)channel, rank, other).Fail(rank, GoneText(rank));
                    LineOf((Channel)channel, other, rank).Fail(rank, GoneText(rank));
                }
            }

            Monitor.PulseAll(Gate);
        }
    }

    /// <summary>Adds transfers to an exchange, and makes those whose other half is there.</summary>
    public void Start(
        ThreadExchange exchange, int rank, Channel channel, ReadOnlySpan<Transfer> sends,
        ReadOnlySpan<Transfer> receives)
    {
        lock (Gate)
        {
            ThrowIfEnded();
            exchange.Pending = sends.Length + receives.Length;
            foreach (Transfer receive in receives)
            {
                Meet(LineOf(channel, receive.Rank, rank), new Half(exchange, receive), isSend: false);
            }

            foreach (Transfer send in sends)
            {
                Meet(LineOf(channel, rank, send.Rank), new Half(exchange, send), isSend: true);
            }

            Monitor.PulseAll(Gate);
        }
    }

    private void Meet(Line line, Half half, bool isSend)
    {
        if (!(isSend ? line.Receives : line.Sends).TryDequeue(out Half other))
        {
            if (_hasLeft[half.Transfer.Rank])
            {
                half.Exchange.Fail(half.Transfer.Rank, GoneText(half.Transfer.Rank));
            }
            else
            {
                (isSend ? line.Sends : line.Receives).Enqueue(half);
            }

            return;
        }

        (Half send, Half receive) = isSend ? (half, other) : (other, half);
        int receiver = send.Transfer.Rank;
        int sender = receive.Transfer.Rank;
        if (send.Transfer.Bytes == receive.Transfer.Bytes)
        {
            Buffer.MemoryCopy(
                (void*)send.Transfer.Address, (void*)receive.Transfer.Address, receive.Transfer.Bytes,
                send.Transfer.Bytes);
        }
        else
        {
            string text = FaultText.OtherLength(
                receiver, _activities[receiver], sender, send.Transfer.Bytes, receive.Transfer.Bytes);
            send.Exchange.Fail(sender, text);
            receive.Exchange.Fail(sender, text);
        }

        send.Exchange.Pending--;
        receive.Exchange.Pending--;
    }

    private string GoneText(int rank) => FaultText.Gone(rank, _activities[rank]);

    private Line LineOf(Channel channel, int from, int to) => _lines[(((int)channel * Size) + from) * Size + to];

    /// <summary>One end of a transfer.</summary>
    private readonly record struct Half(ThreadExchange Exchange, Transfer Transfer);

    /// <summary>What goes from one rank to another and has no other half yet.</summary>
    private sealed class Line
    {
        public Queue<Half> Sends { get; } = new();

        public Queue<Half> Receives { get; } = new();

        public void Fail(int rank, string text)
        {
            while (Sends.TryDequeue(out Half half) || Receives.TryDequeue(out half))
            {
                half.Exchange.Fail(rank, text);
            }
        }
    }
}
