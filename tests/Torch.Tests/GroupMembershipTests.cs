using TorchSharp.Modules;

namespace Requant.Torch.Tests;

/// <summary>A group and its options belong to one optimizer, and one that fails to be made leaves them
/// as they were.</summary>
public sealed class GroupMembershipTests
{
    private const double Rate = 0.25;

    [Fact]
    public void Group_OfAnotherOptimizer_IsRefusedAndStaysTheFirsts()
    {
        var group = new Adam8bit.ParamGroup([Some.Parameter(1, 5)]);
        using var first = new Adam8bit([group], lr: Rate);
        using var saved = new MemoryStream();
        first.save_state_dict(new BinaryWriter(saved));
        saved.Position = 0;

        AssertRefused("already in an optimizer", () => new Adam8bit([group], lr: 0.5));

        Some.Steps(first, 1, 2);
        group.LearningRate = 0.125;
        first.load_state_dict(new BinaryReader(saved));
        Assert.Equal(Rate, group.LearningRate);
        Assert.Equal(0, first.States[0].State.Step);
    }

    [Fact]
    public void Group_AddedToAnotherOptimizer_IsRefused()
    {
        var group = new Adam8bit.ParamGroup([Some.Parameter(1, 5)]);
        var plain = new ParamGroup { Parameters = [Some.Parameter(2, 5)] };
        using var first = new Adam8bit([group]);
        first.add_param_group(plain);
        using var second = new Adam8bit([Some.Parameter(3, 5)]);

        AssertRefused("Make a new group", () => second.add_param_group(group));
        AssertRefused("Make a new group", () => second.add_param_group(plain));
        AssertRefused("Make a new group", () => first.add_param_group(plain));

        Assert.Single(second.ParamGroups);
        Assert.Equal(2, first.States.Count);
    }

    [Fact]
    public void Options_OfTwoGroups_AreRefusedAndStayAsTheyWere()
    {
        var options = new RuleOptions<HeavyBall> { ["beta"] = 0.75 };
        RuleParamGroup<HeavyBall>[] groups =
            [new([("a", Some.Parameter(1, 5))], options), new([("b", Some.Parameter(2, 5))], options)];

        AssertRefused("Make new options", () => new TorchOptimizer<HeavyBall>(groups, new HeavyBall()));

        Assert.Null(options.LearningRate);
        using var optimizer = new TorchOptimizer<HeavyBall>(groups[..1], new HeavyBall { Lr = 0.5f });
        Assert.Equal((0.5, 0.75), (options.LearningRate, options["beta"]));
    }

    [Fact]
    public void Group_OfAConstructorThatFailed_TakesTheNextOnesHyperparameters()
    {
        var group = new Adam8bit.ParamGroup([Some.Parameter(1, 5)], beta1: 0.5);
        Assert.Throws<ArgumentException>(
            () => new Adam8bit([group], lr: 1, options: new TorchOptions().KeepFloat32("w")));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new Adam8bit([group], lr: 1, options: new TorchOptions { BlockSize = 7 }));

        using var optimizer = new Adam8bit([group], lr: Rate);

        Assert.Equal(Rate, group.LearningRate);
        Assert.Equal((0.5, 0.999), group.Betas);
    }

    [Fact]
    public void Group_GivenOtherOptionsOrParameters_IsRefusedByTheNextCall()
    {
        Parameter parameter = Some.Parameter(1, 5);
        var group = new RuleParamGroup<HeavyBall>([parameter]);
        using var optimizer = new TorchOptimizer<HeavyBall>([group], new HeavyBall());
        Some.SetGradient(parameter, 2);
        float[] before = Some.Array(parameter);
        RuleOptions<HeavyBall> options = group.Options;

        group.Options = new RuleOptions<HeavyBall> { LearningRate = 0.5 };
        AssertAllRefuse("group.LearningRate");

        group.Options = options;
        IEnumerable<Parameter> parameters = group.Parameters;
        group.Parameters = [Some.Parameter(3, 5)];
        AssertAllRefuse("add_param_group");

        Assert.Equal(before, Some.Array(parameter));
        group.Parameters = parameters;
        optimizer.step();

        void AssertAllRefuse(string text) => Assert.All(
            new Action[]
            {
                () => optimizer.step(), optimizer.zero_grad, () => optimizer.state_dict(),
                () => optimizer.SaveCheckpoint("none"),
            },
            action => Assert.Contains(
                text, Assert.Throws<InvalidOperationException>(action).Message, StringComparison.Ordinal));
    }

    private static void AssertRefused(string text, Func<object> make) =>
        Assert.Contains(text, Assert.Throws<ArgumentException>(make).Message, StringComparison.Ordinal);

    private static void AssertRefused(string text, Action action) =>
        Assert.Contains(text, Assert.Throws<ArgumentException>(action).Message, StringComparison.Ordinal);
}
