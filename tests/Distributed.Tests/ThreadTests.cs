namespace Requant.Distributed.Tests;

/// <summary>Ranks that are threads, and do not end as they should.</summary>
public sealed class ThreadTests
{
    private static readonly CommunicatorOptions Soon = new() { TimeLimit = TimeSpan.FromSeconds(1) };

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void RunThreads_RankThrows_OthersEndWithItsName(int size)
    {
        var others = new string?[size];

        InvalidOperationException thrown = Assert.Throws<InvalidOperationException>(() => Communicator.RunThreads(
            size, ranks =>
            {
                if (ranks.Rank == size - 1)
                {
                    ranks.Barrier("first");
                    throw new InvalidOperationException("planted");
                }

                // That rank may throw before the others have seen all of the first one.
                CommunicationException end = Assert.Throws<CommunicationException>(() =>
                {
                    ranks.Barrier("first");
                    ranks.Barrier("second");
                });
                Assert.Equal(size - 1, end.Rank);
                others[ranks.Rank] = end.Message;
            }));

        Assert.Equal("planted", thrown.Message);
        Assert.All(others[..^1], message => Assert.Equal(
            $"rank {size - 1} failed after it began \"first\": InvalidOperationException: planted", message));
    }

    [Fact]
    public void Abort_OneRank_AllThrowTheReason()
    {
        var messages = new string?[3];
        Assert.Throws<CommunicationException>(() => Communicator.RunThreads(3, ranks =>
        {
            messages[ranks.Rank] = Assert.Throws<CommunicationException>(() =>
            {
                if (ranks.Rank == 1)
                {
                    ranks.Abort("no more\nof this");
                }

                ranks.Barrier("forever");
            }).Message;
            throw new CommunicationException(messages[ranks.Rank]!);
        }));

        Assert.All(messages, message => Assert.Equal("rank 1 ends all ranks: no more of this", message));
    }

    [Fact]
    public void Dispose_OthersWait_TheyAreToldWhoIsGone()
    {
        ICommunicator[] ranks = Communicator.Threads(2, Soon);
        ranks[1].Begin([], [], "a last thing").Wait();
        IExchange waits = ranks[0].Begin([], [new Transfer(1, 0, 0)], "waits");
        ranks[1].Dispose();

        CommunicationException early = Assert.Throws<CommunicationException>(waits.Wait);
        CommunicationException late = Assert.Throws<CommunicationException>(() => ranks[0].Barrier("later"));

        Assert.Equal("rank 1 is gone; the last it did was \"a last thing\"", early.Message);
        Assert.Equal(early.Message, late.Message);
        Assert.Throws<ObjectDisposedException>(() => ranks[1].Barrier("after the end"));
    }

    [Fact]
    public void Dispose_AfterAnotherEndedAll_TheyAreToldOfThatOne()
    {
        ICommunicator[] ranks = Communicator.Threads(3, Soon);
        IExchange waits = ranks[0].Begin([], [new Transfer(1, 0, 0)], "waits");
        Assert.Throws<CommunicationException>(() => ranks[2].Abort("planted"));
        ranks[1].Dispose();

        CommunicationException end = Assert.Throws<CommunicationException>(waits.Wait);

        Assert.Equal("rank 2 ends all ranks: planted", end.Message);
    }

    [Fact]
    public void Wait_NobodySends_EndsAfterTheTimeLimit()
    {
        ICommunicator[] ranks = Communicator.Threads(2, Soon);
        CommunicationException late = Assert.Throws<CommunicationException>(() => ranks[0].Barrier("waits"));
        Assert.Equal("rank 0 waited 1 s in \"waits\" for other ranks", late.Message);
    }

    [Fact]
    public void Wait_OtherLength_BothSidesThrow()
    {
        ICommunicator[] ranks = Communicator.Threads(2, Soon);
        byte[] bytes = GC.AllocateArray<byte>(8, pinned: true);
        nint address = System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(bytes, 0);
        IExchange receive = ranks[0].Begin([], [new Transfer(1, address, 8)], "receives");
        IExchange send = ranks[1].Begin([new Transfer(0, address, 7)], [], "sends");

        foreach (IExchange exchange in (IExchange[])[receive, send])
        {
            CommunicationException other = Assert.Throws<CommunicationException>(exchange.Wait);
            Assert.Equal("rank 1 sent 7 bytes where rank 0 expects 8, in \"receives\"", other.Message);
        }
    }

    [Fact]
    public void Begin_ManyTimes_AllocatesNothing()
    {
        ICommunicator rank = Communicator.Threads(1)[0];
        byte[] bytes = new byte[16];
        Exchange(rank, bytes, 100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Exchange(rank, bytes, 1000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Threads_WrongArguments_AreNamed()
    {
        Assert.Equal("size", Assert.Throws<ArgumentOutOfRangeException>(() => Communicator.Threads(0)).ParamName);
        Assert.Equal(
            "options",
            Assert.Throws<ArgumentOutOfRangeException>(
                () => Communicator.Threads(1, new CommunicatorOptions { TimeLimit = TimeSpan.Zero })).ParamName);
    }

    private static unsafe void Exchange(ICommunicator rank, byte[] bytes, int times)
    {
        fixed (byte* start = bytes)
        {
            for (int i = 0; i < times; i++)
            {
                rank.Begin(
                    [new Transfer(0, (nint)start, 8)], [new Transfer(0, (nint)(start + 8), 8)], "to itself").Wait();
                rank.Gather(bytes, bytes, "alone");
            }
        }
    }
}
