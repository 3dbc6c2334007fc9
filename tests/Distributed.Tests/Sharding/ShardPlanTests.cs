using Requant.Distributed.Sharding;

namespace Requant.Distributed.Tests.Sharding;

public sealed class ShardPlanTests
{
    /// <summary>What the fullest rank may have of the mean.</summary>
    private const double Balance = 1.05;

    private const int BlockSize = 256;

    public static TheoryData<int> Ranks => [1, 2, 3, 4, 7, 8, 16, 64, 1000, 4096];

    [Theory]
    [MemberData(nameof(Ranks))]
    public void A_model_like_GPT_2_is_balanced(int ranks)
    {
        (long Length, int Weight)[] tensors = [.. Models.Gpt2.Select(shape => (Models.Length(shape), 1))];

        ShardPlan plan = ShardPlan.Of(tensors, ranks, BlockSize, mayCut: true);

        RequireWhole(plan, tensors, BlockSize);
        Assert.InRange(Fullest(plan, tensors), 1, Balance);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(1024)]
    [InlineData(4096)]
    public void A_model_of_7_billion_is_balanced(int ranks)
    {
        (long Length, int Weight)[] tensors = [.. Models.Llama7B.Select(shape => (Models.Length(shape), 1))];

        ShardPlan plan = ShardPlan.Of(tensors, ranks, BlockSize, mayCut: true);

        RequireWhole(plan, tensors, BlockSize);
        Assert.InRange(Fullest(plan, tensors), 1, Balance);
        Assert.True(plan.Pieces.Count <= tensors.Length + (2 * ranks), $"{plan.Pieces.Count} pieces");
    }

    [Fact]
    public void Tensors_of_a_rule_that_reduces_stay_whole()
    {
        (long Length, int Weight)[] tensors = [.. Models.Gpt2.Select(shape => (Models.Length(shape), 1))];

        ShardPlan plan = ShardPlan.Of(tensors, 16, BlockSize, mayCut: false);

        Assert.Equal(tensors.Length, plan.Pieces.Count);
        RequireWhole(plan, tensors, BlockSize);
    }

    [Fact]
    public void Tensors_below_a_share_stay_whole_where_that_is_balanced()
    {
        (long Length, int Weight)[] tensors = [.. Enumerable.Repeat((100_000L, 1), 32)];

        Assert.Equal(32, ShardPlan.Of(tensors, 4, BlockSize, mayCut: true).Pieces.Count);
    }

    [Fact]
    public void Random_models_are_covered_once()
    {
        var random = new Random(7);
        for (int trial = 0; trial < 300; trial++)
        {
            int blockSize = 32 << random.Next(5);
            (long Length, int Weight)[] tensors =
            [
                .. Enumerable.Range(0, random.Next(12)).Select(_ =>
                    (random.NextInt64(1L << random.Next(1, 22)), random.Next(2) == 0 ? 1 : 4)),
            ];

            RequireWhole(
                ShardPlan.Of(tensors, random.Next(1, 20), blockSize, random.Next(4) > 0), tensors, blockSize);
        }
    }

    private static void RequireWhole(ShardPlan plan, (long Length, int Weight)[] tensors, int blockSize)
    {
        for (int tensor = 0; tensor < tensors.Length; tensor++)
        {
            Piece[] pieces = plan.OfTensor(tensor).ToArray();
            long end = 0;
            foreach (Piece piece in pieces)
            {
                Assert.Equal((tensor, end), (piece.Tensor, piece.Start));
                Assert.Equal(0, piece.Start % blockSize);
                Assert.True(piece.Length > 0 || tensors[tensor].Length == 0);
                Assert.InRange(piece.Rank, 0, plan.Ranks - 1);
                end += piece.Length;
            }

            Assert.NotEmpty(pieces);
            Assert.Equal(tensors[tensor].Length, end);
            Assert.Equal(pieces.Length, pieces.DistinctBy(piece => piece.Rank).Count());
        }
    }

    private static double Fullest(ShardPlan plan, (long Length, int Weight)[] tensors)
    {
        double[] loads = new double[plan.Ranks];
        foreach (Piece piece in plan.Pieces)
        {
            loads[piece.Rank] += (double)piece.Length * tensors[piece.Tensor].Weight;
        }

        return loads.Max() / loads.Average();
    }
}
