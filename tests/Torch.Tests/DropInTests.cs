using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

public sealed class DropInTests
{
    public static TheoryData<string> Names => [.. Makers.Keys];

    private static Dictionary<string, Func<IEnumerable<Parameter>, OptimizerHelper>> Makers { get; } = new()
    {
        ["Adam8bit"] = parameters => new Adam8bit(parameters, lr: 1e-2),
        ["AdamW8bit"] = parameters => new AdamW8bit(parameters, lr: 1e-2),
        ["Sgd8bit"] = parameters => new Sgd8bit(parameters, learningRate: 0.1, momentum: 0.9),
        ["RMSProp8bit"] = parameters => new RMSProp8bit(parameters, lr: 1e-3),
        ["Lamb8bit"] = parameters => new Lamb8bit(parameters, lr: 2e-2),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Train_TwoLayers_LowersLoss(string name)
    {
        // The last loss is a small part of the first for every optimizer and seed tried; a broken one stays near 1.
        const double LossFractionTolerance = 0.5;
        manual_seed(1);
        using nn.Module<Tensor, Tensor> model = nn.Sequential(nn.Linear(32, 256), nn.ReLU(), nn.Linear(256, 32));
        using OptimizerHelper optimizer = Makers[name](model.parameters());
        Tensor input = Some.Values(2, 64, 32);
        Tensor target = input.flip(1);
        var losses = new List<float>();
        for (int step = 0; step < 60; step++)
        {
            using IDisposable scope = NewDisposeScope();
            optimizer.zero_grad();
            Tensor loss = nn.functional.mse_loss(model.forward(input), target);
            loss.backward();
            optimizer.step();
            losses.Add(loss.item<float>());
        }

        Assert.True(losses[^1] < LossFractionTolerance * losses[0], $"The loss went from {losses[0]} to {losses[^1]}.");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void SaveAndLoad_Named_ContinuesBitForBit(string name)
    {
        Parameter parameter = Some.Parameter(1, Some.QuantizedLength);
        using OptimizerHelper interrupted = Makers[name]([parameter]);
        Some.Steps(interrupted, 10, 3);
        using var stream = new MemoryStream();
        interrupted.save_state_dict(new BinaryWriter(stream));
        stream.Position = 0;
        var copy = new Parameter(parameter.detach().clone());
        using OptimizerHelper resumed = Makers[name]([copy]);

        resumed.load_state_dict(new BinaryReader(stream));
        Some.Steps(interrupted, 77, 3);
        Some.Steps(resumed, 77, 3);

        Assert.Equal(Some.Array(parameter), Some.Array(copy));
    }

    [Fact]
    public void Load_StatesOfOtherDropIn_ThrowsAndNamesBoth()
    {
        using var adam = new Adam8bit([Some.Parameter(1, 5)]);
        using var adamW = new AdamW8bit([Some.Parameter(1, 5)]);
        using var stream = new MemoryStream();
        adam.save_state_dict(new BinaryWriter(stream));
        stream.Position = 0;

        var exception = Assert.Throws<InvalidDataException>(() => adamW.load_state_dict(new BinaryReader(stream)));

        Assert.Contains("AdamW8bit", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Adam8bit", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_Defaults_ArePyTorchs()
    {
        Parameter[] parameters = [Some.Parameter(1, 5)];
        using var adam = new Adam8bit(parameters);
        using var adamW = new AdamW8bit(parameters);
        using var rmsProp = new RMSProp8bit(parameters);

        Assert.Equal(["lr 0.001, beta1 0.9, beta2 0.999, eps 1E-08, weightDecay 0",
            "lr 0.001, beta1 0.9, beta2 0.999, eps 1E-08, weightDecay 0.01", "lr 0.01, alpha 0.99, eps 1E-08, "
                + "weightDecay 0"],
            new OptimizerHelper[] { adam, adamW,
                rmsProp }.Select(optimizer => optimizer.state_dict().Options[0].ToString()));
    }

    [Fact]
    public void Constructor_VariantNotThere_ThrowsAndNamesIt()
    {
        Parameter[] parameters = [Some.Parameter(1, 5)];

        Assert.Contains("amsgrad",
            Assert.Throws<NotSupportedException>(() => new Adam8bit(parameters, amsgrad: true)).Message,
            StringComparison.Ordinal);
        Assert.Contains("centered",
            Assert.Throws<NotSupportedException>(() => new RMSProp8bit(parameters, centered: true)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_HyperparameterOutOfRange_ThrowsAndNamesIt()
    {
        Parameter[] parameters = [Some.Parameter(1, 5)];

        Assert.Equal("beta2", Assert.Throws<ArgumentOutOfRangeException>(() => new Adam8bit(parameters,
            beta2: 1)).ParamName);
        Assert.Equal("learningRate",
            Assert.Throws<ArgumentOutOfRangeException>(() => new Sgd8bit(parameters, -1)).ParamName);
        Assert.Throws<ArgumentException>(() => new Sgd8bit(parameters, 0.1, nesterov: true));
    }

    [Fact]
    public void Groups_SetSome_TakeTheRestFromTheOptimizer()
    {
        using var optimizer = new Adam8bit(
            [new Adam8bit.ParamGroup([Some.Parameter(1, 5)]),
                new Adam8bit.ParamGroup([Some.Parameter(2, 5)], lr: 0.5, beta1: 0.8)],
            lr: 0.25, beta2: 0.95);

        Assert.Equal([0.25, 0.5], optimizer.ParamGroups.Select(group => group.LearningRate));
        Assert.Equal([(0.9, 0.95), (0.8, 0.95)],
            optimizer.ParamGroups.Cast<optim.IBetas>().Select(group => group.Betas));
    }

    [Fact]
    public void OneCycle_WithMomentum_CyclesBetasAndMomentum()
    {
        using var adam = new Adam8bit([Some.Parameter(1, 5)]);
        using var sgd = new Sgd8bit([Some.Parameter(1, 5)], 0.1, momentum: 0.9);
        optim.lr_scheduler.LRScheduler[] schedulers =
            [optim.lr_scheduler.OneCycleLR(adam, 0.5, total_steps: 10),
                optim.lr_scheduler.OneCycleLR(sgd, 0.5, total_steps: 10)];
        var betas = new HashSet<double>();
        var momenta = new HashSet<double>();

        for (int step = 0; step < 5; step++)
        {
            betas.Add(((optim.IBetas)adam.ParamGroups.Single()).Betas.Item1);
            momenta.Add(((optim.IMomentum)sgd.ParamGroups.Single()).Momentum);
            Some.Steps(adam, step, 1);
            Some.Steps(sgd, step, 1);
            Array.ForEach(schedulers, scheduler => scheduler.step());
        }

        Assert.True(betas.Count > 2);
        Assert.True(momenta.Count > 2);
    }

    [Fact]
    public void Betas_Set_ReachesEveryGroup()
    {
        using var optimizer = new AdamW8bit([Some.Parameter(1, 5)]) { Betas = (0.5, 0.75) };

        Assert.Equal((0.5, 0.75), ((optim.IBetas)optimizer.ParamGroups.Single()).Betas);
        Assert.Equal((0.5, 0.75), optimizer.Betas);
    }
}
