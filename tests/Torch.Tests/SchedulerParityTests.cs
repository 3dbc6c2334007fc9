using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim.lr_scheduler;

namespace Requant.Torch.Tests;

/// <summary>Every scheduler of TorchSharp on two groups, one with hyperparameters of its own: learning rates, decays
/// and momenta are those that TorchSharp's own optimizer gets, to the bit, and the parameters follow them.</summary>
public sealed class SchedulerParityTests
{
    private const int Steps = 40;

    /// <summary>A rule has its hyperparameters in float32, and torch computes with doubles: each of 40 updates, none
    /// larger than a few units, differs by some parts in 1e7.</summary>
    private const double ParameterTolerance = 2e-5;

    public static TheoryData<string> Names => [.. Makers.Keys];

    private static Dictionary<string, Func<optim.Optimizer, LRScheduler>> Makers { get; } = new()
    {
        ["StepLR"] = optimizer => StepLR(optimizer, 7, 0.5),
        ["LambdaLR"] = optimizer => LambdaLR(optimizer, step => 1.0 / (step + 1)),
        ["LambdaLR, one for each group"] = optimizer =>
            new impl.LambdaLR(optimizer, [step => 1.0 / (step + 1), step => Math.Pow(0.9, step)]),
        ["MultiplicativeLR"] = optimizer => MultiplicativeLR(optimizer, step => step % 2 == 0 ? 0.9 : 1.01),
        ["MultiStepLR"] = optimizer => MultiStepLR(optimizer, [5, 20, 31], 0.3),
        ["PolynomialLR"] = optimizer => PolynomialLR(optimizer, total_iters: 30, power: 2),
        ["ExponentialLR"] = optimizer => ExponentialLR(optimizer, 0.93),
        ["ConstantLR"] = optimizer => ConstantLR(optimizer, 0.25, total_iters: 12),
        ["LinearLR"] = optimizer => LinearLR(optimizer, 0.1, 0.9, total_iters: 25),
        ["SequentialLR"] = optimizer =>
            SequentialLR(optimizer, [LinearLR(optimizer, 0.2, 1, 8), ExponentialLR(optimizer, 0.9)], [10]),
        ["ChainedLR"] = optimizer =>
            ChainedLR([ConstantLR(optimizer, 0.5, total_iters: 4), ExponentialLR(optimizer, 0.95)]),
        ["CosineAnnealingLR"] = optimizer => CosineAnnealingLR(optimizer, 15, eta_min: 1e-3),
        ["ReduceLROnPlateau"] = optimizer => ReduceLROnPlateau(optimizer, factor: 0.4, patience: 2, cooldown: 1),
        ["CyclicLR"] = optimizer => CyclicLR(
            optimizer, 0.001, 0.01, step_size_up: 6, step_size_down: 9, cycle_momentum: optimizer is optim.IMomentum),
        ["CyclicLR, triangular2, one for each group"] = optimizer => CyclicLR(
            optimizer, [0.001, 0.002], [0.01, 0.05], step_size_up: 5, mode: impl.CyclicLR.Mode.Triangular2,
            cycle_momentum: optimizer is optim.IMomentum, base_momentum: [0.5, 0.6], max_momentum: [0.7, 0.65]),
        ["OneCycleLR"] = optimizer => OneCycleLR(optimizer, 0.05, total_steps: 60),
        ["OneCycleLR, three phases, one for each group"] = optimizer => OneCycleLR(
            optimizer, [0.05, 0.01], epochs: 6, steps_per_epoch: 10,
            anneal_strategy: impl.OneCycleLR.AnnealStrategy.Linear,
            base_momentum: [0.7, 0.6], max_momentum: [0.9, 0.8], three_phase: true),
        ["OneCycleLR, momentum left alone"] = optimizer =>
            OneCycleLR(optimizer, 0.05, total_steps: 60, cycle_momentum: false),
    };

    [Fact]
    public void Makers_CoverEverySchedulerOfTorchSharp()
    {
        string[] all = [.. typeof(impl).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(LRScheduler)))
            .Select(type => type.Name).Order()];
        using OptimizerHelper optimizer = Sgd8bit();

        Assert.Equal(all, Makers.Values.Select(make => make(optimizer).GetType().Name).Distinct().Order());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Adam_Scheduled_FollowsTorchsSequence(string name) => AssertSame(name, Adam8bit(), Adam());

    [Theory]
    [MemberData(nameof(Names))]
    public void Sgd_Scheduled_FollowsTorchsSequence(string name) => AssertSame(name, Sgd8bit(), Sgd());

    [Fact]
    public void CyclicLR_OfMomentumOnAdam_IsRefusedAsByTorch()
    {
        using OptimizerHelper ours = Adam8bit();
        using OptimizerHelper torchs = Adam();

        string message = Assert.Throws<ArgumentException>(() => CyclicLR(torchs, 0.001, 0.01)).Message;

        Assert.Equal(message, Assert.Throws<ArgumentException>(() => CyclicLR(ours, 0.001, 0.01)).Message);
    }

    [Fact]
    public void DropIns_HaveTheInterfacesOfTorchsOptimizers()
    {
        (Type Ours, Type Torchs)[] pairs =
        [
            (typeof(Adam8bit), typeof(Adam)), (typeof(AdamW8bit), typeof(AdamW)), (typeof(Sgd8bit), typeof(SGD)),
            (typeof(RMSProp8bit), typeof(RMSProp)), (typeof(Adagrad8bit), typeof(Adagrad)),
            (typeof(Adadelta8bit), typeof(Adadelta)), (typeof(Adamax8bit), typeof(Adamax)),
            (typeof(NAdam8bit), typeof(NAdam)),
        ];
        foreach ((Type ours, Type torchs) in pairs)
        {
            Assert.Equal(Controls(torchs), Controls(ours));
            Assert.Equal(Controls(torchs.GetNestedType("ParamGroup")!), Controls(ours.GetNestedType("ParamGroup")!));
        }

        static string[] Controls(Type type) => [.. type.GetInterfaces().Where(one => one.DeclaringType == typeof(optim))
            .Select(one => one.Name).Order()];
    }

    private static void AssertSame(string name, OptimizerHelper ours, OptimizerHelper torchs)
    {
        List<double[]> expected = Run(torchs, Makers[name]);
        List<double[]> actual = Run(ours, Makers[name]);

        Assert.Equal(expected, actual);
        Assert.True(expected.Select(one => one[0]).Distinct().Count() > 1);
        foreach ((Parameter own, Parameter reference) in ours.parameters().Zip(torchs.parameters()))
        {
            Some.AssertClose(reference, own, ParameterTolerance);
        }

        ours.Dispose();
        torchs.Dispose();
    }

    /// <summary>What each group's step is taken with: learning rate, then decays or momentum.</summary>
    private static List<double[]> Run(OptimizerHelper optimizer, Func<optim.Optimizer, LRScheduler> make)
    {
        LRScheduler scheduler = make(optimizer);
        List<double[]> sequence = [];
        for (int step = 0; step < Steps; step++)
        {
            sequence.Add([.. optimizer.ParamGroups.SelectMany(Values)]);
            Some.Steps(optimizer, 100 + step, 1);
            if (scheduler is impl.ReduceLROnPlateau)
            {
                // A loss that falls, and then no longer.
                scheduler.step(Math.Max(1.0, 3.0 - (0.2 * step)));
            }
            else
            {
                scheduler.step();
            }
        }

        return sequence;
    }

    private static double[] Values(optim.ILearningRateController group) => group switch
    {
        optim.IBetas betas => [group.LearningRate, group.InitialLearningRate, betas.Betas.Item1, betas.Betas.Item2],
        optim.IMomentum momentum => [group.LearningRate, group.InitialLearningRate, momentum.Momentum],
        _ => throw new NotSupportedException($"{group}"),
    };

    private static Parameter[] Parameters(int seed) => [Some.Parameter(seed, 40), Some.Parameter(seed + 1, 3, 5)];

    private static Adam8bit Adam8bit() => new(
        [
            new Adam8bit.ParamGroup(Parameters(1)),
            new Adam8bit.ParamGroup(Parameters(3), lr: 0.02, beta1: 0.5, beta2: 0.75),
        ],
        lr: 0.01, beta1: 0.875, beta2: 0.9375);

    // TorchSharp's groups do not take from the constructor what they do not set, so every group sets everything.
    private static Adam Adam() => optim.Adam(
        [new Adam.ParamGroup(Parameters(1), lr: 0.01, beta1: 0.875, beta2: 0.9375),
            new Adam.ParamGroup(Parameters(3), lr: 0.02, beta1: 0.5, beta2: 0.75)]);

    private static Sgd8bit Sgd8bit() => new(
        [new Sgd8bit.ParamGroup(Parameters(1)), new Sgd8bit.ParamGroup(Parameters(3), lr: 0.02, momentum: 0.5)],
        0.01, momentum: 0.875);

    private static SGD Sgd() => optim.SGD(
        [new SGD.ParamGroup(Parameters(1), lr: 0.01, momentum: 0.875),
            new SGD.ParamGroup(Parameters(3), lr: 0.02, momentum: 0.5)], 1);
}
