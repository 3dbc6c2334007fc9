using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

/// <summary>Mistakes that are easily made, and what a message says of them.</summary>
public sealed class MessageTests
{
    [Fact]
    public void TiedEmbedding_NamesTheCure_WhichWorks()
    {
        using Embedding embedding = nn.Embedding(10, 4);
        using Linear head = nn.Linear(4, 10, hasBias: false);
        head.weight = embedding.weight!;
        using var model = nn.Sequential(("embedding", embedding), ("head", head));
        string message = Assert.Throws<ArgumentException>(() => new Adam8bit(model.named_parameters())).Message;
        Assert.Contains("'embedding.weight' and 'head.weight'", message, StringComparison.Ordinal);
        Assert.Contains("head.weight = embedding.parameters().First()", message, StringComparison.Ordinal);

        head.weight = embedding.parameters().First();
        using var tied = nn.Sequential(("embedding", embedding), ("head", head));
        using var optimizer = new Adam8bit(tied.named_parameters());
        Assert.Single(optimizer.States);
    }

    [Fact]
    public void GroupsOfOthers_AreNamedReadably()
    {
        using var optimizer = new Adam8bit([Some.Parameter(1, 5)]);
        string torchs = Message(
            () => optimizer.add_param_group(new Adam.ParamGroup([Some.Parameter(2, 5)], new Adam.Options())));
        Assert.Contains("TorchSharp.Modules.Adam.Options", torchs, StringComparison.Ordinal);
        Assert.Contains("Adam8bit.ParamGroup", torchs, StringComparison.Ordinal);
        string another = Message(
            () => optimizer.add_param_group(new AdamW8bit.ParamGroup([Some.Parameter(2, 5)], lr: 1)));
        Assert.Contains("rule AdamW", another, StringComparison.Ordinal);
        Assert.DoesNotContain("PublicKeyToken", another, StringComparison.Ordinal);
        using Adam other = optim.Adam([Some.Parameter(1, 5)]);
        Assert.Contains(
            "ImportStates", Message(() => optimizer.load_state_dict(other.state_dict())), StringComparison.Ordinal);

        static string Message(Action action) => Assert.Throws<ArgumentException>(action).Message;
    }

    [Theory]
    [InlineData(double.NaN), InlineData(-1.0), InlineData(1e39)]
    public void LearningRate_ThatNoStepCanTake_IsRefusedByTheStep(double rate)
    {
        using Parameter parameter = Some.Parameter(1, 5);
        using var optimizer = new Adam8bit([parameter]);
        float[] before = Some.Array(parameter);
        optimizer.ParamGroups.Single().LearningRate = rate;

        string message = Assert.Throws<InvalidOperationException>(() => Some.Steps(optimizer, 1, 1)).Message;

        Assert.Contains("learning rate", message, StringComparison.Ordinal);
        Assert.Equal(before, Some.Array(parameter));
    }

    [Fact]
    public void NothingToTrain_SaysThatAFilterMayHaveLeftNothing()
    {
        string message = Assert.Throws<ArgumentException>(() => new Adam8bit(Array.Empty<Parameter>())).Message;
        Assert.Contains("Where(p => p.requires_grad)", message, StringComparison.Ordinal);
        Assert.Contains(
            "is null", Assert.Throws<ArgumentException>(() => new Adam8bit(new Parameter[] { null! })).Message,
            StringComparison.Ordinal);
    }
}
