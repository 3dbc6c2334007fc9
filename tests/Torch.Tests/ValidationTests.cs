using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

public sealed class ValidationTests
{
    [Fact]
    public void Constructor_NoParameters_ThrowsAndSaysWhy()
    {
        ArgumentException exception = Assert.Throws<ArgumentException>(
            () => new Adam8bit(Array.Empty<TorchSharp.Modules.Parameter>()));
        Assert.Contains("no parameters", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Step_GradientOfOtherShape_ThrowsAndChangesNothing() =>
        AssertRefused<InvalidOperationException>(parameter => parameter.grad = ones(7), "Float32[7]", "Float32[5]");

    [Fact]
    public void Step_GradientOfOtherType_ThrowsAndChangesNothing() => AssertRefused<InvalidOperationException>(
        parameter => parameter.grad = ones(5, ScalarType.Float64), "Float64[5]", "Float32[5]");

    [Fact]
    public void Step_ParameterDisposed_ThrowsAndSaysWhy() =>
        AssertRefused<InvalidOperationException>(parameter => parameter.Dispose(), "disposed", "to(...)");

    [Fact]
    public void Step_SparseGradient_Throws()
    {
        using nn.Module<Tensor, Tensor> embedding = nn.Embedding(10, 4, sparse: true);
        using var optimizer = new TorchOptimizer<HeavyBall>(embedding.named_parameters(), new HeavyBall());
        embedding.forward(tensor(new long[] { 1, 2 })).sum().backward();

        var exception = Assert.Throws<NotSupportedException>(() => optimizer.step());

        Assert.Contains("'weight' is sparse", exception.Message, StringComparison.Ordinal);
        Assert.Contains("sparse: false", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_ParameterOfOtherType_Throws()
    {
        var parameter = new Parameter(zeros(5, ScalarType.Float64));

        var exception = Assert.Throws<NotSupportedException>(
            () => new TorchOptimizer<HeavyBall>([("w", parameter)], new HeavyBall()));

        Assert.Contains("'w' is Float64", exception.Message, StringComparison.Ordinal);
        Assert.Contains("to(torch.float32)", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_ParameterTwice_Throws()
    {
        Parameter parameter = Some.Parameter(1, 5);

        var exception = Assert.Throws<ArgumentException>(
            () => new TorchOptimizer<HeavyBall>([("a", parameter), ("b", parameter)], new HeavyBall()));

        Assert.Contains("'a' and 'b' are the same tensor", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_ParameterDisposed_Throws()
    {
        Parameter parameter = Some.Parameter(1, 5);
        parameter.Dispose();

        Assert.Throws<ArgumentException>(() => new TorchOptimizer<HeavyBall>([parameter], new HeavyBall()));
    }

    [Fact]
    public void Options_UnknownHyperparameter_ThrowsAndListsThem()
    {
        var exception = Assert.Throws<ArgumentException>(() => new RuleOptions<HeavyBall>()["gamma"] = 1);

        Assert.Contains("'gamma'; it has lr, beta", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddParamGroup_OptionsOfOtherOptimizer_Throws()
    {
        using var optimizer = new TorchOptimizer<HeavyBall>([Some.Parameter(1, 5)], new HeavyBall());

        Assert.Throws<ArgumentException>(() => optimizer.add_param_group(new Adam.ParamGroup([Some.Parameter(2, 5)],
            1e-3)));

        Assert.Single(optimizer.ParamGroups);
    }

    [Fact]
    public void ParamGroup_HyperparameterOutOfRange_Throws()
    {
        Parameter[] parameters = [Some.Parameter(1, 5)];

        Assert.Throws<ArgumentOutOfRangeException>(() => new Adam8bit.ParamGroup(parameters, beta2: 1.0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AdamW8bit.ParamGroup(parameters, lr: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Lamb8bit.ParamGroup(parameters, eps: double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RMSProp8bit.ParamGroup(parameters, alpha: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sgd8bit.ParamGroup(parameters, momentum: -1));
    }

    [Fact]
    public void Betas_OutOfRange_ThrowsAndChangesNothing()
    {
        using var optimizer = new Adam8bit([Some.Parameter(1, 5)]);

        Assert.Throws<ArgumentOutOfRangeException>(() => optimizer.Betas = (0.5, 1.0));

        Assert.Equal((0.9, 0.999), optimizer.Betas);
    }

    [Fact]
    public void Constructor_KeepFloat32WithoutSuchParameter_ThrowsAndNamesIt()
    {
        TorchOptions options = new TorchOptions().KeepFloat32("w", "x");

        var exception = Assert.Throws<ArgumentException>(
            () => new TorchOptimizer<HeavyBall>([("w", Some.Parameter(1, 5))], new HeavyBall(), options));

        Assert.Contains("named 'x'; pass named_parameters()", exception.Message, StringComparison.Ordinal);
    }

    private static void AssertRefused<TException>(Action<Parameter> spoil, params string[] expected)
        where TException : Exception
    {
        Parameter good = Some.Parameter(1, 5);
        Parameter bad = Some.Parameter(2, 5);
        using var optimizer = new TorchOptimizer<HeavyBall>([new RuleParamGroup<HeavyBall>([("good", good)]),
            new RuleParamGroup<HeavyBall>([("bad", bad)])], new HeavyBall());
        float[] before = Some.Array(good);
        Some.SetGradient(good, 3);
        spoil(bad);

        var exception = Assert.Throws<TException>(() => optimizer.step());

        Assert.All(expected.Append("'bad'"),
            text => Assert.Contains(text, exception.Message, StringComparison.Ordinal));
        Assert.Equal(before, Some.Array(good));
        Assert.All(optimizer.States, state => Assert.Equal(0, state.State.Step));
    }
}
