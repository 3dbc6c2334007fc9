using Requant.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Bench.Cpu;

/// <summary>The one parameter and gradient that every contestant works on.</summary>
internal sealed class SharedTensor : IDisposable
{
    public SharedTensor(int elements)
    {
        Elements = elements;
        random.manual_seed(1);
        Parameter = new Parameter(randn(elements));
        Gradient = randn(elements).mul_(0.01f);
        Parameter.grad = Gradient;
        ParameterPointer = TensorPointer.Of(Parameter);
        GradientPointer = TensorPointer.Of(Gradient);
    }

    public int Elements { get; }

    public Parameter Parameter { get; }

    public Tensor Gradient { get; }

    public nint ParameterPointer { get; }

    public nint GradientPointer { get; }

    public void Dispose()
    {
        Gradient.Dispose();
        Parameter.Dispose();
    }
}
