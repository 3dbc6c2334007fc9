using Requant.CompilerServices;
using Requant.Numerics;
using Requant.States;
using Requant.Steps;

namespace Requant.Cpu;

/// <summary>Takes steps in the processor's memory: phases, uniform values and reductions of one rule.</summary>
/// <typeparam name="TRule">The generated rule.</typeparam>
internal sealed unsafe class CpuExecutor<TRule> : IDisposable
    where TRule : IOptimizerRule<TRule>
{
    private readonly RuleInfo _info = TRule.Info;
    private readonly BlockKernel?[] _kernels;
    private readonly BlockWorkQueue _queue;
    private readonly OptimizerOptions _options;
    private readonly SimdWidth _width;
    private readonly int _blockSize;
    private TensorWork[] _tensors = [];
    private NativeBuffer _uniforms = new(0);
    private NativeBuffer _reductions = new(0);
    private NativeBuffer _partials = new(0);
    private NativeBuffer _squares = new(0);

    public CpuExecutor(int blockSize, OptimizerOptions options)
    {
        _blockSize = blockSize;
        _options = options;
        _width = options.SimdWidth ?? SimdWidths.Widest;
        RoundingSeed = options.RoundingSeed;
        _kernels = new BlockKernel?[2 * _info.VariantCount * _info.PhaseCount];
        _queue = new BlockWorkQueue(options.MaxThreads, KernelArguments.MaxStates + _info.Reductions.Count);
    }

    /// <summary>The seed of stochastic rounding.</summary>
    public ulong RoundingSeed { get; set; }

    /// <summary>Updates every tensor and counts its step; the caller has validated all of them. What can fail comes before
    /// the phase that writes, and a step that failed is not counted.</summary>
    /// <param name="rule">With the hyperparameters of this step.</param>
    /// <param name="updates">Each state once.</param>
    /// <param name="scale">What every gradient is multiplied by.</param>
    /// <returns>Elements skipped because their gradient was not finite.</returns>
    /// <exception cref="NotFiniteNumberException">A host value is not finite.</exception>
    public long Step(TRule rule, ReadOnlySpan<TensorUpdate> updates, float scale = 1f)
    {
        Prepare(rule, updates, scale);
        long skipped = 0;
        for (int phase = 0; phase < _info.PhaseCount; phase++)
        {
            bool hasWork = false;
            for (int i = 0; i < updates.Length; i++)
            {
                ref TensorWork work = ref _tensors[i];
                if (phase > 0)
                {
                    FinishReductions(i, phase - 1);
                    rule.ComputeUniforms(
                        phase, work.Step, work.State.UnusedStates, work.State.TensorStates.Values, Reductions(i), Uniforms(i));
                }

                work.Kernel = GetKernel(work.Variant, phase, work.State);
                hasWork |= work.Kernel is not null;
            }

            // Every phase meets the same bad gradients; the last one, which writes, counts them.
            skipped = hasWork ? _queue.Run(_tensors, updates.Length, _blockSize) : 0;
        }

        int statesInUse = rule.StatesInUse();
        for (int i = 0; i < updates.Length; i++)
        {
            updates[i].State.Commit(_tensors[i].Step, statesInUse, Uniforms(i));
        }

        return skipped;
    }

    /// <summary>Reads every gradient once and changes nothing. Blocks add up in the order of reductions, and tensors in theirs, so
    /// that the bits do not depend on threads.</summary>
    /// <param name="updates">As for <see cref="Step"/>.</param>
    /// <param name="scale">What every gradient is multiplied by.</param>
    public GradientMeasure Measure(ReadOnlySpan<TensorUpdate> updates, float scale)
    {
        ReserveTensors(updates.Length);
        Reserve(ref _squares, CountBlocks(updates) * (sizeof(double) / sizeof(float)));
        double* squares = (double*)_squares.Pointer;
        for (int i = 0; i < updates.Length; i++)
        {
            ref TensorWork work = ref _tensors[i];
            SetArguments(ref work.Arguments, updates[i], scale);
            work.Arguments.SquarePointer = squares;
            work.Kernel = GradientSquares.Kernel;
            squares += updates[i].State.BlockCount;
        }

        long others = _queue.Run(_tensors, updates.Length, _blockSize);
        double sum = 0;
        string? firstWithOthers = null;
        squares = (double*)_squares.Pointer;
        foreach (ref readonly TensorUpdate update in updates)
        {
            sum += TensorReduction.SumOfMagnitudes(squares, update.State.BlockCount, out bool isMarked);
            squares += update.State.BlockCount;
            if (isMarked)
            {
                firstWithOthers ??= update.State.Name;
            }
        }

        return new GradientMeasure(sum, others, firstWithOthers);
    }

    public void Dispose()
    {
        _squares.Dispose();
        _queue.Dispose();
        _uniforms.Dispose();
        _reductions.Dispose();
        _partials.Dispose();
    }

    private void ReserveTensors(int count)
    {
        if (_tensors.Length < count)
        {
            _tensors = new TensorWork[Math.Max(count, 2 * _tensors.Length)];
        }
    }

    private static long CountBlocks(ReadOnlySpan<TensorUpdate> updates)
    {
        long blocks = 0;
        foreach (ref readonly TensorUpdate update in updates)
        {
            blocks += update.State.BlockCount;
        }

        return blocks;
    }

    private void Prepare(TRule rule, ReadOnlySpan<TensorUpdate> updates, float scale)
    {
        ReserveTensors(updates.Length);
        Reserve(ref _uniforms, (long)updates.Length * _info.UniformCount);
        Reserve(ref _reductions, (long)updates.Length * _info.Reductions.Count);
        if (_info.Reductions.Count > 0)
        {
            Reserve(ref _partials, CountBlocks(updates) * _info.Reductions.Count);
        }

        float* partials = (float*)_partials.Pointer;
        for (int i = 0; i < updates.Length; i++)
        {
            ParameterState state = updates[i].State;
            ref TensorWork work = ref _tensors[i];
            work.State = state;
            work.Step = state.NextStep();
            work.Variant = rule.SelectVariant(work.Step, state.UnusedStates);
            SetArguments(ref work.Arguments, updates[i], scale);
            SetRounding(ref work, updates[i].ParameterType);
            work.Arguments.UniformPointer = (float*)_uniforms.Pointer + ((long)i * _info.UniformCount);
            work.Arguments.PartialPointer = partials;
            partials += state.BlockCount * _info.Reductions.Count;
            Reductions(i).Clear();
            HostValues.Compute(rule, state, work.Step, work.Variant, Reductions(i), Uniforms(i));
            for (int phase = 0; phase < _info.PhaseCount; phase++)
            {
                _ = GetKernel(work.Variant, phase, state);
            }
        }
    }

    private void SetArguments(ref KernelArguments arguments, in TensorUpdate update, float scale)
    {
        ParameterState state = update.State;
        arguments.Parameter = new ElementMemory(update.Parameter, ElementConverter.For(update.ParameterType, _width));
        arguments.Gradient = new ElementMemory(update.Gradient, ElementConverter.For(update.GradientType, _width), scale);
        arguments.PropagatesNonFinite = _options.NonFinite == NonFinitePolicy.Propagate;
        arguments.Length = state.Length;
        arguments.BlockSize = state.BlockSize;
        arguments.BlockCount = state.BlockCount;
        for (int i = 0; i < state.States.Count; i++)
        {
            arguments.StatePointers[i] = state.States[i].IsAllocated ? ((HostStateStorage)state.States[i].Storage).Pointers : default;
        }
    }

    private void SetRounding(ref TensorWork work, ElementType parameterType)
    {
        ulong key = RoundingKey.Of(RoundingSeed, work.State.NameHash, work.Step);
        if (_options.Rounding == ParameterRounding.Stochastic && parameterType == ElementType.BFloat16)
        {
            work.Arguments.Parameter = work.Arguments.Parameter.Rounding(StochasticNarrowing.For(_width), key);
        }

        for (int i = 0; i < work.State.States.Count; i++)
        {
            if (work.State.States[i].Rounding == StateRounding.Stochastic)
            {
                work.Arguments.StatePointers[i].IsStochastic = true;
                work.Arguments.StatePointers[i].RandomKey = RoundingKey.OfState(key, i);
            }
        }
    }

    private void FinishReductions(int tensor, int phase)
    {
        ref readonly KernelArguments arguments = ref _tensors[tensor].Arguments;
        Span<float> results = Reductions(tensor);
        for (int i = 0; i < results.Length; i++)
        {
            if (_info.Reductions[i].Phase == phase)
            {
                results[i] = TensorReduction.Finish(
                    _info.Reductions[i].Kind,
                    arguments.PartialPointer + (i * arguments.BlockCount),
                    arguments.BlockCount);
            }
        }
    }

    private Span<float> Uniforms(int tensor) => new(
        (float*)_uniforms.Pointer + ((long)tensor * _info.UniformCount), _info.UniformCount);

    private Span<float> Reductions(int tensor) => new(
        (float*)_reductions.Pointer + ((long)tensor * _info.Reductions.Count), _info.Reductions.Count);

    private BlockKernel? GetKernel(int variant, int phase, ParameterState state)
    {
        int index = (((variant * _info.PhaseCount) + phase) * 2) + (state.IsQuantized ? 1 : 0);
        return _kernels[index] ??= TRule.GetCpuKernel(variant, phase, _width, StateFormat.Of(_options, state));
    }

    /// <summary>Grows a buffer whose contents are not needed any more.</summary>
    private static void Reserve(ref NativeBuffer buffer, long floats)
    {
        long bytes = floats * sizeof(float);
        if (buffer.Bytes < bytes)
        {
            long reserved = Math.Max(bytes, 2 * buffer.Bytes);
            buffer.Dispose();
            buffer = new NativeBuffer(0);
            buffer = new NativeBuffer(reserved);
        }
    }
}
