using TorchSharp.Modules;

namespace Requant.Torch.Tests;

/// <summary>States go to the parameters that they are of: where both sides have names, by them.</summary>
public sealed class ParameterOrderTests
{
    public static TheoryData<string> Ways => [.. Loads.Keys];

    private static Dictionary<string, Action<OptimizerHelper, OptimizerHelper>> Loads { get; } = new()
    {
        ["dictionary"] = (from, to) => to.load_state_dict(from.state_dict()),
        ["stream"] = (from, to) =>
        {
            using var stream = new MemoryStream();
            from.save_state_dict(new BinaryWriter(stream));
            stream.Position = 0;
            to.load_state_dict(new BinaryReader(stream));
        },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void Load_SameShapesInAnotherOrder_IsRefusedAndNamesBoth(string way)
    {
        using TorchOptimizer<HeavyBall> from = Make("a", "b");
        using TorchOptimizer<HeavyBall> to = Make("b", "a");
        Some.Steps(from, 1, 2);

        string message = Assert.ThrowsAny<Exception>(() => Loads[way](from, to)).Message;

        Assert.Contains("'a'", message, StringComparison.Ordinal);
        Assert.Contains("'b'", message, StringComparison.Ordinal);
        Assert.All(to.States, state => Assert.Equal(0, state.State.Step));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Load_ForeignName_IsRefusedAndNamesBoth(string way)
    {
        using TorchOptimizer<HeavyBall> from = Make("a", "b");
        using TorchOptimizer<HeavyBall> to = Make("a", "c");
        Some.Steps(from, 1, 2);

        string message = Assert.ThrowsAny<Exception>(() => Loads[way](from, to)).Message;

        Assert.Contains("'b' stand where this optimizer has parameter 'c'", message, StringComparison.Ordinal);
        Assert.All(to.States, state => Assert.Equal(0, state.State.Step));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Load_OneSideWithoutNames_GoesByOrder(string way)
    {
        using TorchOptimizer<HeavyBall> from = Make("a", "b");
        using var to = new TorchOptimizer<HeavyBall>([Some.Parameter(1, 5), Some.Parameter(2, 5)], new HeavyBall());
        Some.Steps(from, 1, 2);

        Loads[way](from, to);

        Assert.All(from.States.Zip(to.States), pair => Assert.True(pair.First.ApproximatelyEquals(pair.Second)));
        using TorchOptimizer<HeavyBall> back = Make("b", "a");
        Loads[way](to, back);
        Assert.All(from.States.Zip(back.States), pair => Assert.True(pair.First.ApproximatelyEquals(pair.Second)));
    }

    [Fact]
    public void Load_DictionaryOfOtherGroups_IsRefused()
    {
        using var from = new TorchOptimizer<HeavyBall>(Groups(1), new HeavyBall());
        using var to = new TorchOptimizer<HeavyBall>(Groups(2), new HeavyBall());

        string message = Assert.Throws<ArgumentException>(() => to.load_state_dict(from.state_dict())).Message;

        Assert.Contains("group 0", message, StringComparison.Ordinal);

        static RuleParamGroup<HeavyBall>[] Groups(int first)
        {
            Parameter[] parameters = [.. Enumerable.Range(0, 3).Select(i => Some.Parameter(i, 5))];
            return [new(parameters[..first]), new(parameters[first..])];
        }
    }

    private static TorchOptimizer<HeavyBall> Make(params string[] names) =>
        new(names.Select((name, i) => (name, Some.Parameter(i, 5))).ToArray(), new HeavyBall());
}
