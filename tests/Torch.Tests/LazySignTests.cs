using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

/// <summary>Tensors whose elements are in memory with the other sign, and a bit that says so.</summary>
public sealed class LazySignTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(Some.QuantizedLength)]
    public void Gradient_WithNegativeBit_TrainsAsTorchs(int length)
    {
        Parameter ours = new(full(length, 0.5f));
        Parameter torchs = new(full(length, 0.5f));
        using var optimizer = new Sgd8bit([ours], 0.1);
        using SGD reference = optim.SGD([torchs], 0.1);
        Backward(ours);
        Backward(torchs);

        // libtorch gives some lengths with strides, and some resolved; one element is contiguous whatever
        // its stride is.
        Assert.True(length > 1 || (ours.grad!.is_neg() && ours.grad!.is_contiguous()));

        optimizer.step();
        reference.TakeStep();

        Assert.Equal(Some.Array(torchs), Some.Array(ours));
        Assert.Equal(0.6f, Some.Array(ours)[0]);

        static void Backward(Parameter parameter)
        {
            Tensor one = complex(ones_like(parameter), parameter).conj();
            (one * complex(ones_like(parameter), zeros_like(parameter))).imag.sum().backward();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Parameter_WithNegativeBit_IsTrainedAndKeepsIt(int length)
    {
        Parameter parameter = Negative(Some.Values(1, length));
        float[] before = Some.Array(parameter.resolve_neg());
        using var optimizer = new Sgd8bit([parameter], 0.5);
        parameter.grad = ones(length);

        optimizer.step();

        Assert.True(parameter.is_neg());
        Assert.Equal(before.Select(value => value - 0.5f), Some.Array(parameter.resolve_neg()));
    }

    [Fact]
    public void GradientNorm_OfNegativeGradients_IsTheirNorm()
    {
        // One element is contiguous whatever its stride is.
        Parameter parameter = Some.Parameter(1, 1);
        parameter.grad = Negative(Some.Values(2, 1)).detach();
        using var optimizer = new Sgd8bit([parameter], 0.5, options: new TorchOptions { MaxGradientNorm = 1e-3f });
        float[] before = Some.Array(parameter);

        optimizer.step();

        float[] gradient = Some.Array(parameter.grad!.resolve_neg());
        Assert.All(
            before.Zip(Some.Array(parameter), gradient), one => Assert.Equal(one.Third > 0, one.Second < one.First));
    }

    /// <summary>The imaginary part of a conjugate.</summary>
    private static Parameter Negative(Tensor values)
    {
        Tensor imaginary = complex(zeros_like(values), values).conj().imag;
        Parameter parameter = new(imaginary.detach());
        Assert.True(parameter.is_neg());
        return parameter;
    }
}
