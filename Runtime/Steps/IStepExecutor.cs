using Requant.States;

namespace Requant.Steps;

/// <summary>What steps ask of a backend. All of it runs in order, on the stream that is named where there
/// are streams.</summary>
/// <typeparam name="TRule">The generated rule.</typeparam>
internal interface IStepExecutor<TRule> : IDisposable
    where TRule : IOptimizerRule<TRule>
{
    /// <summary>Elements skipped in all steps, and in the last one. Waits for the device; known after
    /// disposal, too.</summary>
    (long All, long Last) Skipped { get; }

    /// <summary>Memory for a state, with all values 0.</summary>
    /// <param name="state">The state.</param>
    /// <param name="blockSize">Elements that share one absmax.</param>
    /// <param name="quantized">Whether it is stored by its codec.</param>
    /// <param name="length">Elements.</param>
    /// <param name="allocator">Supplies the memory; the backend's own when null.</param>
    StateStorage CreateStorage(StateInfo state, int blockSize, bool quantized, long length, IStateAllocator? allocator);

    /// <summary>Memory for the remainders of a parameter, all 0; codes of its storage are their bytes.</summary>
    /// <param name="length">Elements.</param>
    /// <param name="allocator">Supplies the memory; the backend's own when null.</param>
    StateStorage CreateRemainder(long length, IStateAllocator? allocator);

    /// <summary>Reads every gradient once and changes nothing. Blocks add up in the order of reductions, and tensors in
    /// theirs, so that the bits are those of every backend. Waits for the result.</summary>
    /// <param name="plan">The step.</param>
    /// <param name="sums">float64[tensors]: takes the sum of the squares of each one's finite elements, after the
    /// gradient scale; negative, or -0, where others are among them.</param>
    /// <param name="stream">The stream, where there are some.</param>
    /// <returns>Elements that are not finite.</returns>
    long Measure(StepPlan<TRule> plan, Span<double> sums, nint stream);

    /// <summary>Updates every tensor. What can fail comes before the phase that writes.</summary>
    void Run(StepPlan<TRule> plan, nint stream);
}

/// <summary>What steps ask of a backend with memory of its own.</summary>
/// <typeparam name="TRule">The generated rule.</typeparam>
internal interface IDeviceExecutor<TRule> : IStepExecutor<TRule>
    where TRule : IOptimizerRule<TRule>
{
    /// <summary>The plan that was recorded last.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    StepPlan<TRule> Captured { get; }

    /// <summary>Copies host memory to the device.</summary>
    /// <param name="slot">0 for the parameter, 1 for the gradient.</param>
    /// <param name="source">What to copy.</param>
    /// <param name="stream">The stream.</param>
    /// <returns>Its address there, until the next copy to the slot.</returns>
    nint Upload(int slot, ReadOnlySpan<byte> source, nint stream);

    /// <summary>Copies what is at a slot back, after all work so far.</summary>
    void Download(int slot, Span<byte> destination);

    /// <summary>Whether the work of a stream is being recorded instead of done.</summary>
    bool IsCapturing(nint stream);

    /// <summary>Records the step into the graph that a stream is recorded into; nothing runs. The plan is the backend's
    /// from now on.</summary>
    /// <exception cref="InvalidOperationException">The last step was of other tensors.</exception>
    void Capture(StepPlan<TRule> plan, nint stream);

    /// <summary>Writes what the next launch of the graph needs, of the plan that was recorded last.</summary>
    /// <exception cref="InvalidOperationException">The step needs other kernels than those that
    /// were recorded.</exception>
    void PrepareReplay(nint stream);
}
