using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim.lr_scheduler;

namespace Requant.Torch.Tests;

public sealed class GroupAndSchedulerTests
{
    public static TheoryData<string> Schedulers => [.. Makers.Keys];

    private static Dictionary<string, Func<optim.Optimizer, LRScheduler>> Makers { get; } = new()
    {
        ["Step"] = optimizer => StepLR(optimizer, 2),
        ["Cosine"] = optimizer => CosineAnnealingLR(optimizer, 5),
        ["Linear"] = optimizer => LinearLR(optimizer),
        ["Lambda"] = optimizer => LambdaLR(optimizer, step => 1.0 / (step + 1)),
        ["Sequential"] = optimizer => SequentialLR(optimizer, [LinearLR(optimizer), StepLR(optimizer, 1)], [2]),
        ["OneCycle"] = optimizer => OneCycleLR(optimizer, 0.5, total_steps: 10, cycle_momentum: false),
    };

    [Fact]
    public void Groups_WithOwnHyperparameters_UseThem()
    {
        Parameter slow = new(zeros(4));
        Parameter fast = new(zeros(4));
        var options = new RuleOptions<HeavyBall> { LearningRate = 10, ["beta"] = 0 };
        using var optimizer = new TorchOptimizer<HeavyBall>(
            [new RuleParamGroup<HeavyBall>([slow]), new RuleParamGroup<HeavyBall>([fast], options)], new HeavyBall());

        for (int step = 0; step < 2; step++)
        {
            slow.grad = ones(4);
            fast.grad = ones(4);
            optimizer.step();
        }

        Assert.Equal(-0.1f - (0.1f * 1.5f), Some.Array(slow)[0]);
        Assert.Equal(-20f, Some.Array(fast)[0]);
    }

    [Fact]
    public void AddParamGroup_PlainGroup_TakesDefaultsAndFollowsItsLearningRate()
    {
        Parameter late = new(zeros(4));
        using var optimizer = new TorchOptimizer<HeavyBall>([Some.Parameter(1, 4)], new HeavyBall { Lr = 2 });
        var group = new ParamGroup { Parameters = [late] };

        optimizer.add_param_group(group);
        late.grad = ones(4);
        optimizer.step();
        group.LearningRate = 3;
        late.grad = zeros(4);
        optimizer.step();

        Assert.Equal(-2f - (3 * 0.5f), Some.Array(late)[0]);
        Assert.Equal(2, optimizer.ParamGroups.Count());
    }

    [Fact]
    public void Options_IntegerBeyondFloat32_StaysTheSame()
    {
        // The first integer that float32 does not have.
        const int Period = 16_777_217;
        var rule = new Countdown { Period = Period };
        var options = new RuleOptions<Countdown>();

        options.Complete(rule);

        Assert.Equal(Period, options["period"]);
        Assert.Equal(Period, options.Apply(rule).Period);
    }

    [Theory]
    [MemberData(nameof(Schedulers))]
    public void Scheduler_Steps_SetRuleLearningRate(string name)
    {
        var parameter = new Parameter(zeros(4));
        using var optimizer = new TorchOptimizer<HeavyBall>([parameter], new HeavyBall { Beta = 0 });
        LRScheduler scheduler = Makers[name](optimizer);
        float expected = 0;
        var rates = new HashSet<double>();
        for (int step = 0; step < 6; step++)
        {
            double rate = optimizer.ParamGroups.Single().LearningRate;
            rates.Add(rate);
            expected -= (float)rate;
            parameter.grad = ones(4);
            optimizer.step();
            scheduler.step();
        }

        Assert.True(rates.Count > 1);
        Assert.Equal(expected, Some.Array(parameter)[0]);
    }

    [Fact]
    public void Scheduler_ReduceOnPlateau_LowersLearningRate()
    {
        using var optimizer = new TorchOptimizer<HeavyBall>([Some.Parameter(1, 4)], new HeavyBall { Lr = 1 });
        LRScheduler scheduler = ReduceLROnPlateau(optimizer, patience: 1);

        for (int step = 0; step < 4; step++)
        {
            scheduler.step(1.0);
        }

        // The factor is 0.1 and the rate a double.
        const double RateTolerance = 1e-12;
        Assert.Equal(0.1, optimizer.ParamGroups.Single().LearningRate, RateTolerance);
    }
}
