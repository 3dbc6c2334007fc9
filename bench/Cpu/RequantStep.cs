namespace Requant.Bench.Cpu;

/// <summary>One of Requant's rules on the shared memory, with 8-bit states.</summary>
internal sealed class RequantStep<TRule> : IContestant where TRule : IOptimizerRule<TRule>
{
    private readonly Optimizer<TRule> _optimizer;
    private readonly TensorUpdate[] _updates;

    public RequantStep(TRule rule, SharedMemory memory, ModelShape shape, Plan plan, StateCodecs codecs, int threads)
    {
        _optimizer = new Optimizer<TRule>(rule, new OptimizerOptions
        {
            MaxThreads = threads,
            MinQuantizedLength = 0,
            Codecs = codecs,
            StateRounding = plan.Rounding,
            SimdWidth = plan.Width,
            MaxGradientNorm = plan.MaxGradientNorm,
        });
        _updates = new TensorUpdate[shape.Tensors];
        long strideBytes = SharedMemory.Stride(shape) * memory.ElementBytes;
        for (int i = 0; i < _updates.Length; i++)
        {
            _updates[i] = new TensorUpdate(
                _optimizer.Add($"w{i}", shape.Elements),
                memory.ParameterPointer + (nint)(i * strideBytes),
                memory.GradientPointer + (nint)(i * strideBytes),
                memory.Type,
                memory.Type);
        }
    }

    public void Step() => _optimizer.Step(_updates);

    public void Dispose() => _optimizer.Dispose();
}
