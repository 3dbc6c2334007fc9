using Requant.Distributed.Sharding;

namespace Requant.Distributed.Tests.Sharding;

/// <summary>Who sends when.</summary>
public sealed class GradientRoundsTests
{
    private const long LeastBytes = 64 << 10;

    [Theory]
    [InlineData(1)]
    [InlineData(1 << 20)]
    [InlineData(32 << 20)]
    public void A_buffer_holds_what_comes_in_however_many_ranks_there_are(long bucketBytes)
    {
        foreach (int ranks in (int[])[2, 3, 8, 100, 511, 512, 513, 514, 1024, 4096])
        {
            var rounds = new GradientRounds(ranks, bucketBytes);

            Assert.InRange(rounds.Places * rounds.Bytes, 1, Math.Max(bucketBytes, LeastBytes));
            Assert.Equal(
                Enumerable.Range(0, ranks), Enumerable.Range(0, rounds.Groups).SelectMany(rounds.RanksOf));
            for (int group = 0; group < rounds.Groups; group++)
            {
                Assert.All(rounds.RanksOf(group), rank => Assert.Equal(group, rounds.GroupOf(rank)));
                int owner = rounds.RanksOf(group).First();
                Assert.InRange(rounds.RanksOf(group).Count(rank => rank != owner), 0, rounds.Places);
            }

            // A rank outside of a group takes all of the group's gradients.
            Assert.True(rounds.Groups == 1 || rounds.GroupSize <= rounds.Places, $"{ranks} ranks");
        }
    }

    [Theory]
    [InlineData(8, 2)]
    [InlineData(12, 4)]
    public void In_every_round_but_the_first_and_last_each_group_sends_to_as_many(int ranks, int places)
    {
        const int Chunks = 3;
        var rounds = new GradientRounds(ranks, places * LeastBytes);
        long length = Chunks * LeastBytes / sizeof(float);
        ShardPlan plan = ShardPlan.Of(
            [.. Enumerable.Repeat((length, 1), ranks)], ranks, blockSize: 256, mayCut: false);
        OwnerTurns[] turns =
        [
            .. Enumerable.Range(0, ranks).Select(rank => new OwnerTurns(
                new SegmentCursor(plan, [.. Enumerable.Range(0, ranks).Where(one => plan.Pieces[one].Rank == rank)]),
                rank, rounds)),
        ];
        ElementType[] types = [.. Enumerable.Repeat(ElementType.Float32, ranks)];
        Array.ForEach(turns, turn => turn.Begin());
        int[,] taken = new int[ranks, rounds.Groups];
        int round = 0;
        do
        {
            Array.ForEach(turns, turn => turn.Next(types));
            int[] busy = [.. turns.Where(turn => turn.Segments.Count > 0).Select(turn => turn.Group)];
            if (round >= rounds.Groups - 1 && round < Chunks * rounds.Groups)
            {
                Assert.All(busy.CountBy(group => group), one => Assert.Equal(ranks / rounds.Groups, one.Value));
            }

            for (int rank = 0; rank < ranks; rank++)
            {
                taken[rank, turns[rank].Group] += turns[rank].Segments.Count;
            }

            round++;
        }
        while (!Array.TrueForAll(turns, turn => turn.IsLast));

        Assert.Equal((Chunks * rounds.Groups) + rounds.Groups - 1, round);
        Assert.All(taken.Cast<int>(), count => Assert.Equal(Chunks, count));
    }
}
