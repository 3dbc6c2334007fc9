using System.Reflection;
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
        ["Adam8bit, AMSGrad"] = parameters => new Adam8bit(parameters, lr: 1e-2, amsgrad: true),
        ["RMSProp8bit, centered, momentum"] = parameters =>
            new RMSProp8bit(parameters, lr: 3e-4, momentum: 0.9, centered: true),
        ["Adagrad8bit"] = parameters => new Adagrad8bit(parameters, lr: 5e-2),
        ["Adadelta8bit"] = parameters => new Adadelta8bit(parameters, lr: 5),
        ["Adamax8bit"] = parameters => new Adamax8bit(parameters, lr: 1e-2),
        ["NAdam8bit"] = parameters => new NAdam8bit(parameters, lr: 1e-2),
        ["AdEMAMix8bit"] = parameters => new AdEMAMix8bit(parameters, lr: 1e-2, t_alpha: 60, t_beta3: 60),
        ["Lion8bit"] = parameters => new Lion8bit(parameters, lr: 3e-3),
        ["Signum8bit"] = parameters => new Signum8bit(parameters, lr: 3e-3),
        ["SgdW8bit"] = parameters => new SgdW8bit(parameters, learningRate: 0.1, momentum: 0.9),
        ["Lars8bit"] = parameters => new Lars8bit(parameters, lr: 2, trust_coefficient: 1e-2),
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

    public static TheoryData<string, string> Defaults => new()
    {
        { "Adam8bit", "lr 0.001, beta1 0.9, beta2 0.999, eps 1E-08, weightDecay 0, amsgrad 0" },
        { "AdamW8bit", "lr 0.001, beta1 0.9, beta2 0.999, eps 1E-08, weightDecay 0, amsgrad 0" },
        { "Sgd8bit", "lr 0.1, beta 0, dampening 0, weightDecay 0, nesterov 0" },
        { "RMSProp8bit", "lr 0.01, alpha 0.99, eps 1E-08, weightDecay 0, momentum 0, centered 0" },
        { "Adagrad8bit", "lr 0.01, lrDecay 0, weightDecay 0, initialAccumulator 0, eps 1E-10" },
        { "Adadelta8bit", "lr 1, rho 0.9, eps 1E-06, weightDecay 0" },
        { "Adamax8bit", "lr 0.002, beta1 0.9, beta2 0.999, eps 1E-08, weightDecay 0" },
        { "NAdam8bit", "lr 0.002, beta1 0.9, beta2 0.999, eps 1E-08, weightDecay 0, momentumDecay 0.004, "
            + "decoupledWeightDecay 0" },
        { "Lamb8bit", "lr 0.001, beta1 0.9, beta2 0.999, eps 1E-06, weightDecay 0.01" },
        { "AdEMAMix8bit", "lr 0.001, beta1 0.9, beta2 0.999, beta3 0.9999, alpha 5, eps 1E-08, weightDecay 0.01, "
            + "tAlpha 0, tBeta3 0" },
        { "Lion8bit", "lr 0.0001, beta1 0.9, beta2 0.99, weightDecay 0" },
        { "Signum8bit", "lr 0.0001, momentum 0.9, weightDecay 0" },
        { "SgdW8bit", "lr 0.1, momentum 0, dampening 0, weightDecay 0.01, nesterov 0" },
        { "Lars8bit", "lr 0.1, momentum 0.9, weightDecay 0, trustCoefficient 0.001, eps 1E-08" },
    };

    public static TheoryData<string, string> Replaced => new()
    {
        { "Adam8bit", "Adam" }, { "AdamW8bit", "AdamW" }, { "Sgd8bit", "SGD" }, { "RMSProp8bit", "RMSProp" },
        { "Adagrad8bit", "Adagrad" },
        { "Adadelta8bit", "Adadelta" }, { "Adamax8bit", "Adamax" }, { "NAdam8bit", "NAdam" },
    };

    /// <summary>A program that changes the class's name alone trains as before.</summary>
    [Theory]
    [MemberData(nameof(Replaced))]
    public void Constructor_Defaults_AreTorchSharps(string name, string torchs)
    {
        Type type = typeof(Adam8bit).Assembly.GetType("Requant.Torch." + name, throwOnError: true)!;
        ParameterInfo[][] overloads = [.. typeof(optim).GetMethods().Where(method => method.Name == torchs)
            .Select(method => method.GetParameters())];
        Assert.NotEmpty(overloads);
        int compared = 0;
        foreach (ConstructorInfo constructor in type.GetConstructors())
        {
            foreach (ParameterInfo mine in constructor.GetParameters().Where(one => one.HasDefaultValue))
            {
                foreach (ParameterInfo theirs in overloads.SelectMany(one => one)
                    .Where(one => one.Name == mine.Name && one.HasDefaultValue))
                {
                    Assert.Equal((mine.Name, theirs.DefaultValue), (mine.Name, mine.DefaultValue));
                    compared++;
                }
            }
        }

        const int FewestDefaults = 6;
        Assert.InRange(compared, FewestDefaults, int.MaxValue);
    }

    /// <summary>TorchSharp's where it has the optimizer, and otherwise the paper's or another library's.</summary>
    [Theory]
    [MemberData(nameof(Defaults))]
    public void Constructor_Defaults_AreAsKnown(string name, string expected)
    {
        Type type = typeof(Adam8bit).Assembly.GetType("Requant.Torch." + name, throwOnError: true)!;
        foreach (Type parameters in (Type[])[typeof(IEnumerable<Parameter>), typeof(IEnumerable<(string, Parameter)>),
            typeof(IEnumerable<>).MakeGenericType(type.GetNestedType("ParamGroup")!)])
        {
            ConstructorInfo constructor = type.GetConstructors()
                .Single(one => one.GetParameters()[0].ParameterType == parameters
                    && one.GetParameters()[1].ParameterType != typeof(LearningRate));
            object[] rest = [.. constructor.GetParameters().Skip(1)
                .Select(one => one.HasDefaultValue ? one.DefaultValue! : 0.1)];
            using var optimizer = (OptimizerHelper)constructor.Invoke([Given(parameters), .. rest]);

            Assert.Equal(expected, optimizer.state_dict().Options[0].ToString());
        }

        object Given(Type parameters)
        {
            Parameter one = Some.Parameter(1, 5);
            if (parameters == typeof(IEnumerable<Parameter>))
            {
                return new[] { one };
            }

            if (parameters == typeof(IEnumerable<(string, Parameter)>))
            {
                return new[] { ("w", one) };
            }

            ConstructorInfo constructor = type.GetNestedType("ParamGroup")!.GetConstructors()
                .First(one => one.GetParameters() is [{ } first, { } second, ..]
                    && first.ParameterType == typeof(IEnumerable<Parameter>)
                    && second.ParameterType == typeof(double?));
            Array groups = Array.CreateInstance(constructor.DeclaringType!, 1);
            groups.SetValue(
                constructor.Invoke([new[] { one }, .. constructor.GetParameters().Skip(1).Select(_ => (object?)null)]),
                0);
            return groups;
        }
    }

    /// <summary>TorchSharp's function and its class have two names for it.</summary>
    [Fact]
    public void Sgd_LearningRate_HasEitherName()
    {
        Parameter[] parameters = [Some.Parameter(1, 5)];
        OptimizerHelper[] optimizers =
        [
            new Sgd8bit(parameters, 0.5, 0.9), new Sgd8bit(parameters, lr: 0.5, momentum: 0.9),
            new Sgd8bit(parameters, learningRate: 0.5, momentum: 0.9),
            new Sgd8bit([("w", parameters[0])], lr: 0.5), new Sgd8bit([new Sgd8bit.ParamGroup(parameters)], lr: 0.5),
            new Sgd8bit(parameters, lr: 1 / 2f),
            new SgdW8bit(parameters, lr: 0.5, weight_decay: 0), new SgdW8bit([("w", parameters[0])], lr: 0.5),
            new SgdW8bit([new SgdW8bit.ParamGroup(parameters)], lr: 0.5),
        ];

        Assert.All(optimizers, optimizer => Assert.Equal(0.5, optimizer.ParamGroups.Single().LearningRate));
        Array.ForEach(optimizers, optimizer => optimizer.Dispose());
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sgd8bit(parameters, lr: double.NaN));
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
