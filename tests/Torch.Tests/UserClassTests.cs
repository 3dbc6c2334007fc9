using TorchSharp;
using TorchSharp.Modules;

namespace Requant.Torch.Tests;

/// <summary>The optimizers that the generator makes of rules of a user's project.</summary>
public sealed class UserClassTests
{
    [Fact]
    public void Constructors_OfAllKinds_TrainAsTheRule()
    {
        Parameter[] parameters = [.. Enumerable.Range(0, 4).Select(_ => Some.Parameter(1, Some.QuantizedLength))];
        OptimizerHelper[] optimizers =
        [
            new TorchOptimizer<HeavyBall>([parameters[0]], new HeavyBall { Lr = 0.25f }),
            new HeavyBall8bit([parameters[1]], 0.25),
            new HeavyBall8bit([("w", parameters[2])], lr: 0.25),
            new HeavyBall8bit([new HeavyBall8bit.ParamGroup([parameters[3]], lr: 0.25)], beta: 0.5),
        ];
        foreach (OptimizerHelper optimizer in optimizers)
        {
            Some.Steps(optimizer, 7, 3);
        }

        Assert.All(parameters, parameter => Assert.Equal(Some.Array(parameters[0]), Some.Array(parameter)));
        Array.ForEach(optimizers, optimizer => optimizer.Dispose());
    }

    /// <summary>Also of a rule without a learning rate.</summary>
    [Fact]
    public void Integer_OfTheRule_IsOneOfTheClass()
    {
        using var optimizer = new Countdown8bit([Some.Parameter(1, 5)], period: 3);

        var options = (Countdown8bit.Options)optimizer.state_dict().Options[0];
        Assert.Equal(3, options.period);
        Assert.Equal("period", Assert.Throws<ArgumentOutOfRangeException>(() => options["period"] = 1.5).ParamName);
    }

    /// <summary>The attribute renames, reorders and sets defaults; what it leaves out is the rule's.</summary>
    [Fact]
    public void Attribute_OfTheRule_ShapesTheClass()
    {
        Parameter[] parameters = [Some.Parameter(1, 5)];
        using var optimizer = new Rolling([.. parameters], 0.5);
        using var other = new Rolling(parameters, momentum: 0.75, learningRate: 0.5);

        Assert.Equal("lr 0.5, beta 0.25", optimizer.state_dict().Options[0].ToString());
        Assert.Equal("lr 0.5, beta 0.75", other.state_dict().Options[0].ToString());
        Assert.Equal(0.25, ((torch.optim.IMomentum)optimizer.ParamGroups.Single()).Momentum);
        using var grouped = new Rolling([new Rolling.ParamGroup(parameters, 0.125, 0.5)], 1);
        Assert.Equal("lr 0.5, beta 0.125", grouped.state_dict().Options[0].ToString());
        Assert.Throws<ArgumentException>(() => new Rolling(parameters, 0.5, momentum: 0.6));
    }
}

/// <summary>A rule that says what its optimizer looks like.</summary>
public static class RollingRule
{
    [OptimizerRule(Name = "RollingBall")]
    [TorchOptimizer(
        "learningRate = lr !", "momentum = beta : 0.25", Name = "Rolling", GroupOrder = ["momentum", "learningRate"])]
    public static void Roll(ref float p, float g, [State] ref float m, float lr = 0.1f, float beta = 0.5f)
    {
        m = beta * m + g;
        p -= lr * m;
    }
}

/// <content>What values of the hyperparameters do not go together.</content>
public sealed partial class Rolling
{
    /// <content>The check.</content>
    public sealed partial class Options
    {
        partial void Check(ref string? complaint) => complaint = momentum == 0.6 ? "0.6 is none." : null;
    }
}
