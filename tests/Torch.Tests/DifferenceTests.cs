using System.Reflection;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

/// <summary>What docs/torchsharp.md says of TorchSharp's optimizers and ours, where they differ on purpose.</summary>
public sealed class DifferenceTests
{
    /// <summary>Some roundings of float32 near 1.</summary>
    private const double Tolerance = 1e-6;

    [Fact]
    public void Maximize_WithWeightDecayInSgd_DecaysHere()
    {
        Parameter ours = new(ones(3));
        Parameter torchs = new(ones(3));
        using var optimizer = new Sgd8bit([ours], 0.1, weight_decay: 0.5, maximize: true);
        using SGD reference = optim.SGD([torchs], 0.1, weight_decay: 0.5, maximize: true);
        ours.grad = ones(3);
        torchs.grad = ones(3);

        optimizer.step();
        reference.TakeStep();

        Assert.Equal(1 + (0.1 * (1 - 0.5)), Some.Array(ours)[0], Tolerance);
        Assert.Equal(1 + (0.1 * (1 + 0.5)), Some.Array(torchs)[0], Tolerance);
    }

    [Fact]
    public void Maximize_WithWeightDecayInOthers_IsTorchSharps()
    {
        (Func<Parameter, OptimizerHelper> Ours, Func<Parameter, OptimizerHelper> Torchs)[] pairs =
        [
            (p => new Adam8bit([p], 0.1, weight_decay: 0.5, maximize: true),
                p => optim.Adam([p], 0.1, weight_decay: 0.5, maximize: true)),
            (p => new AdamW8bit([p], 0.1, weight_decay: 0.5, maximize: true),
                p => optim.AdamW([p], 0.1, weight_decay: 0.5, maximize: true)),
            (p => new RMSProp8bit([p], 0.1, weight_decay: 0.5, maximize: true),
                p => optim.RMSProp([p], 0.1, weight_decay: 0.5, maximize: true)),
            (p => new Adadelta8bit([p], 0.1, weight_decay: 0.5, maximize: true),
                p => optim.Adadelta([p], 0.1, weight_decay: 0.5, maximize: true)),
        ];
        foreach ((Func<Parameter, OptimizerHelper> ours, Func<Parameter, OptimizerHelper> torchs) in pairs)
        {
            Parameter[] parameters = [new(ones(3)), new(ones(3))];
            using OptimizerHelper optimizer = ours(parameters[0]);
            using OptimizerHelper reference = torchs(parameters[1]);
            for (int step = 0; step < 3; step++)
            {
                Array.ForEach(parameters, parameter => parameter.grad = full(3, 0.75f));
                optimizer.step();
                reference.TakeStep();
            }

            Some.AssertClose(parameters[1], parameters[0], Tolerance);
        }
    }

    [Theory]
    [InlineData("RMSProp", 0.01, 0.001, 0.001)]
    [InlineData("Adadelta", 1.0, null, 1.0)]
    [InlineData("Adamax", 0.002, null, 1.0)]
    [InlineData("NAdam", 0.002, null, 1.0)]
    [InlineData("Adam", 0.001, 0.001, 0.001)]
    [InlineData("SGD", null, null, 0.001)]
    public void LearningRate_DefaultsOfTorchSharp(string name, double? factory, double? ofClass, double? group)
    {
        Type type = typeof(Adam).Assembly.GetType("TorchSharp.Modules." + name, throwOnError: true)!;

        Assert.All(
            typeof(optim).GetMethods().Where(method => method.Name == name),
            method => Assert.Equal(factory, Default(method)));
        Assert.Contains(ofClass, type.GetConstructors().Select(Default));
        Assert.Contains(group, type.GetNestedType("ParamGroup")!.GetConstructors().Select(Default));

        static double? Default(MethodBase method) =>
            method.GetParameters()
                .FirstOrDefault(one => one.Name is "lr" or "learningRate") is { HasDefaultValue: true } one
                ? (double?)one.DefaultValue
                : null;
    }

    [Fact]
    public void Group_WithoutLearningRate_TakesTheOptimizers()
    {
        using var optimizer = new Adam8bit([new Adam8bit.ParamGroup([Some.Parameter(1, 5)])], lr: 0.25);
        using Adam reference = optim.Adam([new Adam.ParamGroup([Some.Parameter(1, 5)])], lr: 0.25);

        Assert.Equal(0.25, optimizer.ParamGroups.Single().LearningRate);
        Assert.Equal(0.001, reference.ParamGroups.Single().LearningRate);
    }

    [Fact]
    public void Ranges_ThatTorchSharpTakes_AreRefused()
    {
        Parameter[] parameters = [Some.Parameter(1, 5)];
        (Func<object> Ours, Func<object> Torchs)[] pairs =
        [
            (() => new Adamax8bit(parameters, beta1: 1), () => optim.Adamax(parameters, beta1: 1)),
            (() => new NAdam8bit(parameters, beta2: 1), () => optim.NAdam(parameters, beta2: 1)),
            (() => new Adadelta8bit(parameters, rho: 1), () => optim.Adadelta(parameters, rho: 1)),
            (() => new RMSProp8bit(parameters, alpha: 1.5), () => optim.RMSProp(parameters, alpha: 1.5)),
            (() => new Adam8bit(parameters, lr: double.NaN), () => optim.Adam(parameters, lr: double.NaN)),
            (() => new Adam8bit.ParamGroup(parameters, lr: -1), () => new Adam.ParamGroup(parameters, lr: -1)),
        ];

        Assert.All(pairs, pair =>
        {
            Assert.NotNull(pair.Torchs());
            Assert.Throws<ArgumentOutOfRangeException>(pair.Ours);
        });
    }

    [Fact]
    public void GradientThatIsNotFinite_IsLeftOutHere()
    {
        Parameter ours = new(ones(2));
        Parameter torchs = new(ones(2));
        using var optimizer = new Sgd8bit([ours], 0.5);
        using SGD reference = optim.SGD([torchs], 0.5);
        ours.grad = tensor(new[] { float.NaN, 1f });
        torchs.grad = tensor(new[] { float.NaN, 1f });

        optimizer.step();
        reference.TakeStep();

        Assert.Equal([1f, 0.5f], Some.Array(ours));
        Assert.Equal([float.NaN, 0.5f], Some.Array(torchs));
        Assert.Equal(1, optimizer.SkippedElements);
    }

    [Fact]
    public void SparseGradient_IsRefusedHere()
    {
        using Embedding embedding = nn.Embedding(10, 4, sparse: true);
        using var optimizer = new Sgd8bit(embedding.parameters(), 0.5);
        using SGD reference = optim.SGD(embedding.parameters(), 0.5);
        embedding.forward(tensor(new long[] { 1 })).sum().backward();

        reference.TakeStep();

        Assert.Throws<NotSupportedException>(() => optimizer.step());
    }
}
