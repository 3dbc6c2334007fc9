namespace Requant.Bench.Cpu;

/// <summary>One of Requant's rules on the tensor's own memory.</summary>
internal sealed class RequantStep<TRule> : IContestant where TRule : IOptimizerRule<TRule>
{
    private readonly Optimizer<TRule> _optimizer;
    private readonly ParameterState _state;
    private readonly SharedTensor _tensor;

    public RequantStep(string name, TRule rule, SharedTensor tensor, int threads, bool quantized)
    {
        Name = name;
        _tensor = tensor;
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
    public double BytesPerParameter => 12 + (2 * StateBytesPerParameter!.Value);

    public double? StateBytesPerParameter { get; }

    public void Step() => _optimizer.Step(new TensorUpdate(_state, _tensor.ParameterPointer, _tensor.GradientPointer));

    public void Dispose() => _optimizer.Dispose();
}
