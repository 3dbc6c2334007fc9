using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

public sealed class StableEmbeddingTests
{
    [Fact]
    public void Optimizer_OfModelWithStableEmbedding_KeepsItsWeightInFloat32()
    {
        using var embedding = new StableEmbedding(1000, 64);
        using var plain = nn.Embedding(1000, 64);
        using var optimizer = new TorchOptimizer<HeavyBall>([.. embedding.parameters(), .. plain.parameters()],
            new HeavyBall());

        Assert.Equal([false, true],
            optimizer.States.Where(state => state.State.Length == 64_000).Select(state => state.State.IsQuantized));
    }

    [Fact]
    public void Owns_OtherWrapperOfTheWeight_IsTrue()
    {
        using var embedding = new StableEmbedding(1000, 64);
        using var other = new Parameter(embedding.weight.detach());

        Assert.NotEqual(embedding.weight.Handle, other.Handle);
        Assert.True(StableEmbedding.Owns(embedding.weight));
        Assert.True(StableEmbedding.Owns(other));
    }

    [Fact]
    public void Owns_AfterConversion_FollowsTheNewWeight()
    {
        using var embedding = new StableEmbedding(1000, 64);
        embedding.to(ScalarType.Float64);
        embedding.to(ScalarType.Float32);

        using var optimizer = new TorchOptimizer<HeavyBall>(embedding.parameters(), new HeavyBall());

        Assert.All(optimizer.States, state => Assert.False(state.State.IsQuantized));
    }

    [Fact]
    public void Forward_Tokens_NormalizedRows()
    {
        using var embedding = new StableEmbedding(1000, 64, padding_idx: 3);

        Tensor output = embedding.forward(tensor(new long[,] { { 1, 2 }, { 3, 4 } }));

        // Layer norm's epsilon is small against the variance of Xavier uniform weights, 2 / (rows + columns).
        const double NormTolerance = 0.02;
        Assert.Equal([2, 2, 64], output.shape);
        Assert.Equal(1, output[0, 0].std(unbiased: false).item<float>(), NormTolerance);
        Assert.Equal(0, embedding.weight[3].abs().sum().item<float>());
    }

    [Fact]
    public void Weight_Initially_XavierUniform()
    {
        using var embedding = new StableEmbedding(1000, 64);
        float bound = MathF.Sqrt(6f / (1000 + 64));

        float largest = embedding.weight.abs().max().item<float>();

        Assert.InRange(largest, 0.99f * bound, bound);
    }

    [Fact]
    public void Train_EmbeddingAndHead_LowersLoss()
    {
        manual_seed(1);
        using var embedding = new StableEmbedding(50, 96);
        using var head = nn.Linear(96, 50);
        using var optimizer = new TorchOptimizer<HeavyBall>([.. embedding.parameters(), .. head.parameters()],
            new HeavyBall());
        Tensor tokens = arange(50);
        var losses = new List<float>();
        for (int step = 0; step < 30; step++)
        {
            optimizer.zero_grad();
            Tensor loss = nn.functional.cross_entropy(head.forward(embedding.forward(tokens)), tokens);
            loss.backward();
            optimizer.step();
            losses.Add(loss.item<float>());
        }

        Assert.True(losses[^1] < 0.2f * losses[0], $"The loss went from {losses[0]} to {losses[^1]}.");
    }
}
