using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

/// <summary>Parameters that no step could train are refused before there is an optimizer, with a
/// fix that works.</summary>
public sealed class ParameterKindTests
{
    [Fact]
    public void NoLeaf_IsRefused_AndItsValuesTrain()
    {
        Tensor weight = ones(5, requires_grad: true);
        var computed = new Parameter(weight * 2);
        Assert.False(computed.is_leaf);

        AssertRefused<ArgumentException>(computed, "backward() gives it none", "detach().clone()");

        AssertTrains(new Parameter((weight * 2).detach().clone()));
    }

    [Fact]
    public void Expanded_IsRefused_AndItsCopyTrains()
    {
        AssertRefused<ArgumentException>(new Parameter(randn(1).expand(5)), "share memory", "[5]", "[0]", "clone()");
        AssertRefused<ArgumentException>(new Parameter(randn(5).as_strided([3, 3], [1, 1])), "share memory", "[1, 1]");

        AssertTrains(new Parameter(randn(1).expand(5).detach().clone()));
        AssertTrains(new Parameter(randn(1)));
    }

    [Fact]
    public void StridedWithoutOverlap_Trains()
    {
        AssertTrains(new Parameter(randn(4, 6).t()));
        AssertTrains(new Parameter(randn(4, 6)[TensorIndex.Ellipsis, TensorIndex.Slice(0, 6, 2)]));
        AssertTrains(new Parameter(randn(2, 3, 4).permute(2, 0, 1)));
        AssertTrains(new Parameter(randn(5).expand(1, 5)));
    }

    [Theory]
    [InlineData(ScalarType.ComplexFloat32)]
    [InlineData(ScalarType.ComplexFloat64)]
    public void Complex_IsRefused_AndItsRealViewTrains(ScalarType type)
    {
        Tensor values = zeros(5, type);

        string message = AssertRefused<NotSupportedException>(
            new Parameter(values.clone()), $"is {type}", "view_as_real", "view_as_complex");

        Assert.DoesNotContain("float32)", message, StringComparison.Ordinal);
        var real = new Parameter(zeros(5, ScalarType.ComplexFloat32).detach().view_as_real());
        using var optimizer = new Sgd8bit([real], 0.1);
        view_as_complex(real).real.sum().backward();
        optimizer.step();
        Assert.Equal(-0.1f, Some.Array(real)[0]);
    }

    [Fact]
    public void Meta_IsRefusedWithItsOwnSentence()
    {
        string message = AssertRefused<NotSupportedException>(
            new Parameter(zeros(5, device: META)), "meta device", "device: torch.CPU");

        Assert.DoesNotContain("float32", message, StringComparison.Ordinal);
    }

    /// <summary>libtorch refuses to change it, which only a step finds out.</summary>
    [Fact]
    public void OfInferenceMode_IsRefusedBeforeAnyStepIsCounted()
    {
        Parameter good = Some.Parameter(1, 5);
        Parameter bad;
        using (inference_mode())
        {
            bad = new Parameter(randn(5));
        }

        Some.SetGradient(good, 2);
        bad.grad = ones(5);
        using var optimizer = new TorchOptimizer<HeavyBall>(
            [new RuleParamGroup<HeavyBall>([("good", good)]), new RuleParamGroup<HeavyBall>([("bad", bad)])],
            new HeavyBall());
        float[] before = Some.Array(good);

        string message = Assert.Throws<InvalidOperationException>(() => optimizer.step()).Message;

        Assert.Contains("'bad' cannot be changed", message, StringComparison.Ordinal);
        Assert.Equal(before, Some.Array(good));
        Assert.All(optimizer.States, state => Assert.Equal(0, state.State.Step));
    }

    private static string AssertRefused<TException>(Parameter parameter, params string[] expected)
        where TException : Exception
    {
        string message = Assert.Throws<TException>(() => new Sgd8bit([("w", parameter)], 0.1)).Message;
        using var optimizer = new Sgd8bit([Some.Parameter(1, 5)], 0.1);
        Assert.Equal(message, Assert.Throws<TException>(() =>
            optimizer.add_param_group(new Sgd8bit.ParamGroup([("w", parameter)]))).Message);
        Assert.All(expected.Append("'w'"), text => Assert.Contains(text, message, StringComparison.Ordinal));
        return message;
    }

    private static void AssertTrains(Parameter parameter)
    {
        float[] before = Some.Array(parameter);
        using var optimizer = new Sgd8bit([parameter], 0.5);
        parameter.sum().backward();

        optimizer.step();

        Assert.Equal(before.Select(value => value - 0.5f), Some.Array(parameter));
    }
}
