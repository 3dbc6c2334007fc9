namespace Requant.Distributed.Ranks;

/// <summary>What holds of every communicator, with any number of ranks.</summary>
public static class Contract
{
    private const int Megabyte = 1 << 20;

    /// <summary>All of it.</summary>
    public static IReadOnlyList<Check> Checks { get; } =
    [
        new("Begin_RandomPatterns_BringsWhatWasSent", RandomPatterns),
        new("Begin_ZeroBytes_Completes", ZeroBytes),
        new("Begin_NoTransfers_Completes", NoTransfers),
        new("Begin_ToItself_BringsWhatWasSent", ToItself),
        new("Begin_ManySmall_MatchInOrder", ManySmall),
        new("Begin_Large_BringsWhatWasSent", Large),
        new("Begin_SeveralUnderWay_WaitedForInAnyOrder", SeveralUnderWay),
        new("Begin_GathersBetween_TakeNoBytesOfExchanges", GathersBetween),
        new("IsCompleted_Polled_BecomesTrue", Polled),
        new("Wait_Twice_Throws", WaitTwice),
        new("Gather_OfEveryLength_IsInOrderOfRanks", Gathers),
        new("Gather_InPlace_IsInOrderOfRanks", GatherInPlace),
        new("Broadcast_FromEveryRank_ReachesAll", Broadcasts),
        new("Barrier_RankIsLate_AllWait", BarrierWaits),
        new("Begin_WrongArguments_AreNamed", WrongArguments),
        new("Size_AndRank_AreThoseOfAJob", SizeAndRank),
    ];

    private static void RandomPatterns(ICommunicator ranks)
    {
        for (int round = 0; round < 40; round++)
        {
            Pattern.Run(ranks, new Random(round), mostTransfers: 6, mostBytes: round % 4 == 0 ? 100_000 : 300);
        }
    }

    private static void Large(ICommunicator ranks)
    {
        for (int round = 0; round < 3; round++)
        {
            Pattern.Run(ranks, new Random(1000 + round), mostTransfers: 2, mostBytes: 5 * Megabyte);
        }
    }

    private static void ZeroBytes(ICommunicator ranks)
    {
        Transfer[] all = [.. Enumerable.Range(0, ranks.Size).Select(rank => new Transfer(rank, 0, 0))];
        ranks.Begin(all, all, "nothing for all").Wait();
    }

    private static void NoTransfers(ICommunicator ranks)
    {
        IExchange exchange = ranks.Begin([], [], "nothing for nobody");
        Check.That(exchange.IsCompleted, "An exchange of nothing is not completed.");
        exchange.Wait();
    }

    private static void ToItself(ICommunicator ranks)
    {
        foreach (int length in (int[])[1, 1000, 3 * Megabyte])
        {
            using var first = new NativeBytes(length, 1);
            using var second = new NativeBytes(length, 2);
            using var firstReceived = new NativeBytes(length);
            using var secondReceived = new NativeBytes(length);
            ranks.Begin(
                [first.With(ranks.Rank), second.With(ranks.Rank)],
                [firstReceived.With(ranks.Rank), secondReceived.With(ranks.Rank)], "to itself").Wait();
            AssertAll(firstReceived, 1);
            AssertAll(secondReceived, 2);
        }
    }

    private static void ManySmall(ICommunicator ranks)
    {
        const int Count = 300;
        int next = (ranks.Rank + 1) % ranks.Size;
        int previous = (ranks.Rank + ranks.Size - 1) % ranks.Size;
        using var sent = new NativeBytes(Count);
        using var received = new NativeBytes(Count);
        for (int i = 0; i < Count; i++)
        {
            sent.Span[i] = (byte)((31 * i) + ranks.Rank);
        }

        // Half of them in one exchange and the others one by one: the order counts, not the exchange.
        Transfer[] sends = [.. Enumerable.Range(0, Count).Select(i => new Transfer(next, sent.Address + i, 1))];
        Transfer[] receives =
            [.. Enumerable.Range(0, Count).Select(i => new Transfer(previous, received.Address + i, 1))];
        var exchanges = new List<IExchange>
        {
            ranks.Begin(sends.AsSpan(0, Count / 2), receives.AsSpan(0, Count / 2), "half"),
        };
        for (int i = Count / 2; i < Count; i++)
        {
            exchanges.Add(ranks.Begin([sends[i]], [receives[i]], "one of many"));
        }

        exchanges.ForEach(one => one.Wait());
        for (int i = 0; i < Count; i++)
        {
            Check.That(
                received.Span[i] == (byte)((31 * i) + previous), $"Byte {i} of rank {previous} is {received.Span[i]}.");
        }

        Check.That(received.IsGuardWhole, "Bytes behind what was received have changed.");
    }

    private static void SeveralUnderWay(ICommunicator ranks)
    {
        const int Exchanges = 5;
        NativeBytes[] sent =
            [.. Enumerable.Range(0, Exchanges).Select(i => new NativeBytes(50_000, (byte)((10 * i) + ranks.Rank)))];
        NativeBytes[][] received = [.. Enumerable.Range(0, Exchanges).Select(
            _ => Enumerable.Range(0, ranks.Size).Select(_ => new NativeBytes(50_000)).ToArray())];
        IExchange[] exchanges = [.. Enumerable.Range(0, Exchanges).Select(i => ranks.Begin(
            [.. Enumerable.Range(0, ranks.Size).Select(sent[i].With)],
            [.. Enumerable.Range(0, ranks.Size).Select(rank => received[i][rank].With(rank))],
            $"exchange {i} of {Exchanges}"))];
        foreach (int i in (int[])[3, 0, 4, 2, 1])
        {
            exchanges[i].Wait();
            for (int rank = 0; rank < ranks.Size; rank++)
            {
                AssertAll(received[i][rank], (byte)((10 * i) + rank));
            }
        }

        Array.ForEach([.. sent, .. received.SelectMany(one => one)], bytes => bytes.Dispose());
    }

    private static void GathersBetween(ICommunicator ranks)
    {
        int next = (ranks.Rank + 1) % ranks.Size;
        int previous = (ranks.Rank + ranks.Size - 1) % ranks.Size;
        using var sent = new NativeBytes(1, (byte)(100 + ranks.Rank));
        using var received = new NativeBytes(1);
        IExchange exchange = ranks.Begin([sent.With(next)], [], "sends before the gather");
        byte[] all = new byte[ranks.Size];
        ranks.Gather([(byte)ranks.Rank], all, "between");
        IExchange receive = ranks.Begin([], [received.With(previous)], "receives after the gather");
        exchange.Wait();
        receive.Wait();
        Check.That(received.Span[0] == 100 + previous, $"Byte {received.Span[0]} has come from rank {previous}.");
        Check.That(all.Select((value, rank) => value == rank).All(one => one), string.Join(" ", all));
    }

    private static void Polled(ICommunicator ranks)
    {
        int next = (ranks.Rank + 1) % ranks.Size;
        int previous = (ranks.Rank + ranks.Size - 1) % ranks.Size;
        using var sent = new NativeBytes(Megabyte, 7);
        using var received = new NativeBytes(Megabyte);
        IExchange exchange = ranks.Begin([sent.With(next)], [received.With(previous)], "polled");
        while (!exchange.IsCompleted)
        {
            Thread.Yield();
        }

        AssertAll(received, 7);
        exchange.Wait();
    }

    private static void WaitTwice(ICommunicator ranks)
    {
        IExchange exchange = ranks.Begin([], [], "once");
        exchange.Wait();
        Check.Throws<InvalidOperationException>(null, exchange.Wait);
    }

    private static void Gathers(ICommunicator ranks)
    {
        foreach (int length in (int[])[0, 1, 17, 100_000])
        {
            byte[] mine = [.. Enumerable.Range(0, length).Select(i => (byte)(i + (50 * ranks.Rank)))];
            byte[] all = new byte[length * ranks.Size];
            ranks.Gather(mine, all, $"gathers {length} bytes");
            for (int i = 0; i < all.Length; i++)
            {
                Check.That(
                    all[i] == (byte)((i % length) + (50 * (i / length))), $"Byte {i} of {all.Length} is {all[i]}.");
            }
        }
    }

    private static void GatherInPlace(ICommunicator ranks)
    {
        byte[] all = new byte[3 * ranks.Size];
        Span<byte> mine = all.AsSpan(3 * ranks.Rank, 3);
        mine.Fill((byte)(ranks.Rank + 1));
        ranks.Gather(mine, all, "gathers in place");
        Check.That(all.Select((value, i) => value == (i / 3) + 1).All(one => one), string.Join(" ", all));
    }

    private static void Broadcasts(ICommunicator ranks)
    {
        for (int root = 0; root < ranks.Size; root++)
        {
            foreach (int length in (int[])[0, 1, 300_000])
            {
                byte[] bytes = new byte[length];
                bytes.AsSpan().Fill((byte)(ranks.Rank == root ? 40 + root : 0));
                ranks.Broadcast(bytes, root, $"broadcasts {length} bytes");
                Check.That(
                    !bytes.AsSpan().ContainsAnyExcept((byte)(40 + root)), $"Not all {length} bytes of {root} came.");
            }
        }
    }

    private static void BarrierWaits(ICommunicator ranks)
    {
        const int Late = 30;
        for (int late = 0; late < ranks.Size; late++)
        {
            byte[] times = new byte[sizeof(long) * ranks.Size];
            long arrived = Environment.TickCount64;
            if (ranks.Rank == late)
            {
                Thread.Sleep(Late);
                arrived = Environment.TickCount64;
            }

            ranks.Barrier($"waits for rank {late}");
            long left = Environment.TickCount64;
            ranks.Gather(BitConverter.GetBytes(arrived), times, "compares times");
            long last = BitConverter.ToInt64(times, sizeof(long) * late);
            Check.That(left >= last, $"Rank {ranks.Rank} left {last - left} ms before rank {late} came.");
        }
    }

    private static void WrongArguments(ICommunicator ranks)
    {
        using var bytes = new NativeBytes(8);
        Check.Throws<ArgumentOutOfRangeException>("sends", () => ranks.Begin([bytes.With(ranks.Size)], [], "no rank"));
        Check.Throws<ArgumentOutOfRangeException>("receives", () => ranks.Begin([], [bytes.With(-1)], "no rank"));
        Check.Throws<ArgumentOutOfRangeException>(
            "sends", () => ranks.Begin([new Transfer(0, bytes.Address, -1)], [], "no length"));
        Check.Throws<ArgumentException>("receives", () => ranks.Begin([], [new Transfer(0, 0, 1)], "no address"));
        Check.Throws<ArgumentNullException>("activity", () => ranks.Begin([], [], null!));
        Check.Throws<ArgumentException>("activity", () => ranks.Barrier(""));
        Check.Throws<ArgumentException>(
            "all", () => ranks.Gather(new byte[2], new byte[(2 * ranks.Size) + 1], "other length"));
        Check.Throws<ArgumentOutOfRangeException>("root", () => ranks.Broadcast([], ranks.Size, "no root"));
        Check.Throws<ArgumentOutOfRangeException>("root", () => ranks.Broadcast([], -1, "no root"));

        // Nothing of that was sent.
        ranks.Barrier("after wrong arguments");
    }

    private static void SizeAndRank(ICommunicator ranks)
    {
        byte[] all = new byte[sizeof(int) * ranks.Size];
        ranks.Gather(BitConverter.GetBytes(ranks.Rank), all, "numbers");
        for (int rank = 0; rank < ranks.Size; rank++)
        {
            Check.That(BitConverter.ToInt32(all, sizeof(int) * rank) == rank, $"Rank {rank} has another number.");
        }

        Check.That(ranks.Library.Length > 0, "The library has no name.");
    }

    private static void AssertAll(NativeBytes bytes, byte value)
    {
        int other = bytes.Span.IndexOfAnyExcept(value);
        Check.That(
            other < 0, $"Byte {other} of {bytes.Length} is {(other < 0 ? 0 : bytes.Span[other])} instead of {value}.");
        Check.That(bytes.IsGuardWhole, $"Bytes behind the {bytes.Length} have changed.");
    }
}
