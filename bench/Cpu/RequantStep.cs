using Requant.Torch;
using static TorchSharp.torch;

namespace Requant.Bench.Cpu;

/// <summary>One of Requant's rules, on the tensor's own memory or, for 16-bit elements, on a rounded copy.</summary>
internal sealed class RequantStep<TRule> : IContestant where TRule : IOptimizerRule<TRule>
{
    private readonly Optimizer<TRule> _optimizer;
    private readonly ParameterState _state;
    private readonly ElementType _type;
    private readonly Tensor _parameter;
    private readonly Tensor _gradient;

    public RequantStep(
        string name, TRule rule, SharedTensor tensor, int threads, bool quantized, ElementType type = ElementType.Float32)
    {
        Name = name;
        _type = type;
        ScalarType scalar = type == ElementType.Float16 ? float16 : bfloat16;
        using (no_grad())
        {
            _parameter = type == ElementType.Float32 ? tensor.Parameter.alias() : tensor.Parameter.to(scalar);
            _gradient = type == ElementType.Float32 ? tensor.Gradient.alias() : tensor.Gradient.to(scalar);
        }

        _optimizer = new Optimizer<TRule>(rule, new OptimizerOptions
        {
            MaxThreads = threads,
            MinQuantizedLength = quantized ? 0 : long.MaxValue,
        });
        _state = _optimizer.Add("w", tensor.Elements);
        StateBytesPerParameter = (double)_state.StateBytes / tensor.Elements;
    }

    public string Name { get; }

    /// <summary>Reads the gradient, reads and writes the parameter and the states.</summary>
    public double BytesPerParameter =>
        (3 * (_type == ElementType.Float32 ? sizeof(float) : sizeof(ushort))) + (2 * StateBytesPerParameter!.Value);

    public double? StateBytesPerParameter { get; }

    public void Step() => _optimizer.Step(
        new TensorUpdate(_state, TensorPointer.Of(_parameter), TensorPointer.Of(_gradient), _type, _type));

    public void Dispose()
    {
        _optimizer.Dispose();
        _gradient.Dispose();
        _parameter.Dispose();
    }
}
