using Requant.CompilerServices;
using Requant.Numerics;
using Requant.States;
using Requant.Steps;

namespace Requant.Cpu;

/// <summary>Runs the kernels of a step in host memory, over all threads.</summary>
/// <typeparam name="TRule">The generated rule.</typeparam>
internal sealed unsafe class CpuExecutor<TRule> : IStepExecutor<TRule>
    where TRule : IOptimizerRule<TRule>
{
    private readonly RuleInfo _info = RuleInfo.Of<TRule>();
    private readonly BlockKernel?[] _kernels;
    private readonly BlockWorkQueue _queue;
    private readonly SimdWidth _width;
    private readonly int _blockSize;
    private readonly LineScratch<TRule>? _lines;
    private readonly MatrixScratch? _matrices;
    private TensorWork[] _tensors = [];
    private int[] _batch = [];
    private NativeBuffer _partials = new(0);
    private NativeBuffer _squares = new(0);

    /// <param name="blockSize">Elements of a block.</param>
    /// <param name="width">Of vectors.</param>
    /// <param name="maxThreads">The most threads, the caller's among them.</param>
    /// <param name="orthogonalizer">Takes the place of its own products.</param>
    public CpuExecutor(int blockSize, SimdWidth width, int maxThreads, Orthogonalizer? orthogonalizer = null)
    {
        _blockSize = blockSize;
        _width = width;
        _kernels = new BlockKernel?[2 * _info.VariantCount * _info.PhaseCount];
        _queue = new BlockWorkQueue(maxThreads, KernelArguments.MaxStates + _info.ScratchSlots);
        _lines = _info.IsElementwise ? null : new LineScratch<TRule>(_queue);
        _matrices = _info.Matrices.Count > 0 ? new MatrixScratch(_queue, width, orthogonalizer) : null;
    }

    public (long All, long Last) Skipped { get; private set; }

    public StateStorage CreateStorage(
        StateInfo state, int blockSize, bool quantized, long length, IStateAllocator? allocator)
    {
        allocator ??= NativeStateAllocator.Instance;
        return quantized
            ? HostStateStorage.CreateQuantized(allocator, state, blockSize, length)
            : HostStateStorage.CreateFloat32(allocator, state, length);
    }

    public StateStorage CreateRemainder(long length, IStateAllocator? allocator) =>
        HostStateStorage.CreateRemainder(allocator ?? NativeStateAllocator.Instance, length);

    public void Run(StepPlan<TRule> plan, nint stream)
    {
        Begin(plan);
        RunPart(plan, 0, plan.Count);
    }

    /// <summary>Begins a step: what can fail does so before anything is written.</summary>
    public void Begin(StepPlan<TRule> plan)
    {
        Skipped = (Skipped.All, 0);
        for (int i = 0; i < plan.Count; i++)
        {
            for (int phase = 0; phase < _info.PhaseCount; phase++)
            {
                _ = GetKernel(plan[i], phase);
            }

            if (_info.HasMatrices(plan[i].Variant))
            {
                _matrices!.Reserve(plan[i].State, _info.Matrices.Count);
            }
        }
    }

    /// <summary>Takes the step of some of its tensors: of each that needs matrices alone, of all others
    /// together.</summary>
    /// <param name="plan">The step that has begun.</param>
    /// <param name="first">The first of them.</param>
    /// <param name="count">How many there are.</param>
    public void RunPart(StepPlan<TRule> plan, int first, int count)
    {
        if (_batch.Length < count)
        {
            _batch = new int[Math.Max(count, 2 * _batch.Length)];
        }

        int together = 0;
        int alone = count;
        for (int tensor = first; tensor < first + count; tensor++)
        {
            _batch[_info.HasMatrices(plan[tensor].Variant) ? --alone : together++] = tensor;
        }

        RunBatch(plan, _batch.AsSpan(0, together));
        for (int i = count - 1; i >= alone; i--)
        {
            RunBatch(plan, _batch.AsSpan(i, 1));
        }
    }

    private void RunBatch(StepPlan<TRule> plan, ReadOnlySpan<int> batch)
    {
        Prepare(plan, batch);
        long skipped = 0;
        bool isBackwards = false;
        bool counts = false;
        for (int phase = 0; phase < _info.PhaseCount; phase++)
        {
            bool hasWork = false;
            for (int i = 0; i < batch.Length; i++)
            {
                BeginPhase(plan, batch[i], phase, ref _tensors[i]);
                hasWork |= _tensors[i].Kernel is not null;
            }

            // Every phase meets the same bad gradients; the last one, which writes, counts them.
            skipped = hasWork ? _queue.Run(_tensors, batch.Length, _blockSize, isBackwards) : 0;
            isBackwards ^= hasWork;
            MarkFinite(batch.Length, skipped == 0);
            if (skipped > 0 && !counts && phase < _info.PhaseCount - 1)
            {
                // What takes part is counted only where that is not everything.
                counts = true;
                MarkCounts(batch.Length);
                _queue.Run(_tensors, batch.Length, _blockSize);
            }
        }

        skipped += CommitLines(plan, batch);
        Skipped = (Skipped.All + skipped, Skipped.Last + skipped);
    }

    private void MarkFinite(int count, bool areFinite)
    {
        for (int i = 0; i < count; i++)
        {
            _tensors[i].Arguments.AreGradientsFinite |= areFinite && _tensors[i].Kernel is not null;
        }
    }

    private void MarkCounts(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _tensors[i].Arguments.Counts = true;
        }
    }

    private void BeginPhase(StepPlan<TRule> plan, int tensor, int phase, ref TensorWork work)
    {
        ref readonly PlannedTensor<TRule> planned = ref plan[tensor];
        bool hasLines = _lines is not null && _info.NeedsLines(planned.Variant);
        if (phase > 0)
        {
            if (hasLines)
            {
                _lines!.Finish(work.Arguments, phase - 1, plan.Reductions(tensor));
            }

            plan.FinishPhase(tensor, phase - 1, work.Arguments.PartialPointer, work.Arguments.Counts);
        }

        work.Kernel = GetKernel(planned, phase);
        work.IsBanded = hasLines && _lines!.IsBanded(phase);
        if (hasLines)
        {
            _lines!.Compute(work.Arguments, planned.Variant, phase);
            Orthogonalize(plan, tensor, phase, work.Arguments);
            if (phase == _info.PhaseCount - 1 && !plan.PropagatesNonFinite
                && !_lines.AreStatesFinite(work.Arguments, planned.Variant))
            {
                plan.Skip(tensor);
            }

            work.Kernel = planned.IsSkipped ? null : work.Kernel;
        }
    }

    private void Orthogonalize(StepPlan<TRule> plan, int tensor, int phase, in KernelArguments arguments)
    {
        ref readonly PlannedTensor<TRule> planned = ref plan[tensor];
        for (int i = 0; i < _info.Matrices.Count; i++)
        {
            MatrixInfo matrix = _info.Matrices[i];
            if (matrix.Phase == phase && (matrix.Variants & (1 << planned.Variant)) != 0 && !planned.IsSkipped
                && !_matrices!.Orthogonalize(
                    arguments, planned.State, i, plan.Reductions(tensor)[matrix.Norm],
                    (int)arguments.Uniform(matrix.Steps))
                && !plan.PropagatesNonFinite)
            {
                plan.Skip(tensor);
            }
        }
    }

    /// <summary>Keeps new row and column states.</summary>
    /// <returns>Elements of tensors of which nothing was updated.</returns>
    private long CommitLines(StepPlan<TRule> plan, ReadOnlySpan<int> batch)
    {
        long skipped = 0;
        for (int i = 0; i < batch.Length; i++)
        {
            ref readonly PlannedTensor<TRule> planned = ref plan[batch[i]];
            if (planned.IsSkipped)
            {
                skipped += planned.State.Length;
            }
            else if (_lines is not null && _info.NeedsLines(planned.Variant))
            {
                _lines.Commit(_tensors[i].Arguments, planned.State, planned.Variant);
            }
        }

        return skipped;
    }

    public long Measure(StepPlan<TRule> plan, Span<double> sums, nint stream)
    {
        ReserveTensors(plan.Count);
        NativeBuffer.Reserve(ref _squares, CountBlocks(plan) * sizeof(double));
        double* squares = (double*)_squares.Pointer;
        for (int i = 0; i < plan.Count; i++)
        {
            ref TensorWork work = ref _tensors[i];
            SetArguments(ref work.Arguments, plan, i);
            work.Arguments.SquarePointer = squares - work.Arguments.FirstBlock;
            work.Kernel = GradientSquares.Kernel;
            squares += plan[i].State.BlockCount;
        }

        long others = _queue.Run(_tensors, plan.Count, _blockSize);
        squares = (double*)_squares.Pointer;
        for (int i = 0; i < plan.Count; i++)
        {
            double sum = TensorReduction.SumOfMagnitudes(squares, plan[i].State.BlockCount, out bool isMarked);
            sums[i] = isMarked ? -sum : sum;
            squares += plan[i].State.BlockCount;
        }

        return others;
    }

    /// <summary>What the last measure found of each block of one of its tensors, for those who have parts of a tensor:
    /// valid until the next one.</summary>
    public ReadOnlySpan<double> SquaresOf(StepPlan<TRule> plan, int tensor)
    {
        long before = 0;
        for (int i = 0; i < tensor; i++)
        {
            before += plan[i].State.BlockCount;
        }

        return new((double*)_squares.Pointer + before, checked((int)plan[tensor].State.BlockCount));
    }

    public void Dispose()
    {
        _lines?.Dispose();
        _matrices?.Dispose();
        _squares.Dispose();
        _queue.Dispose();
        _partials.Dispose();
    }

    private void ReserveTensors(int count)
    {
        if (_tensors.Length < count)
        {
            _tensors = new TensorWork[Math.Max(count, 2 * _tensors.Length)];
        }
    }

    private static long CountBlocks(StepPlan<TRule> plan)
    {
        long blocks = 0;
        for (int i = 0; i < plan.Count; i++)
        {
            blocks += plan[i].State.BlockCount;
        }

        return blocks;
    }

    private void Prepare(StepPlan<TRule> plan, ReadOnlySpan<int> batch)
    {
        ReserveTensors(batch.Length);
        if (_info.Reductions.Count > 0)
        {
            long blocks = 0;
            foreach (int tensor in batch)
            {
                blocks += plan[tensor].State.BlockCount;
            }

            NativeBuffer.Reserve(ref _partials, blocks * _info.Reductions.Count * sizeof(float));
        }

        float* partials = (float*)_partials.Pointer;
        for (int i = 0; i < batch.Length; i++)
        {
            ref KernelArguments arguments = ref _tensors[i].Arguments;
            SetArguments(ref arguments, plan, batch[i]);
            SetStorage(ref arguments, plan[batch[i]]);
            arguments.UniformPointer = plan.UniformPointer(batch[i]);
            arguments.PartialPointer = partials;
            partials += plan[batch[i]].State.BlockCount * _info.Reductions.Count;
        }

        _lines?.Prepare(plan, batch, _tensors);
        if (batch.Length == 1 && _info.HasMatrices(plan[batch[0]].Variant))
        {
            _matrices!.Place(_tensors[0].Arguments, _info.Matrices.Count);
        }
    }

    private void SetArguments(ref KernelArguments arguments, StepPlan<TRule> plan, int tensor)
    {
        ref readonly PlannedTensor<TRule> planned = ref plan[tensor];
        ParameterState state = planned.State;
        // Of a part of a tensor, addresses are those that the whole would have: kernels count its blocks and elements
        // from the first one, and so does what is rounded at random.
        arguments.Parameter = new ElementMemory(
            planned.Parameter - (nint)(state.Start * planned.ParameterType.Size()),
            ElementConverter.For(planned.ParameterType, _width));
        arguments.Gradient = new ElementMemory(
            planned.Gradient - (nint)(state.Start * planned.GradientType.Size()),
            ElementConverter.For(planned.GradientType, _width), planned.GradientScale);
        arguments.PropagatesNonFinite = plan.PropagatesNonFinite;
        arguments.AreGradientsFinite = false;
        arguments.Counts = false;
        arguments.Length = state.Start + state.Length;
        arguments.BlockSize = state.BlockSize;
        arguments.FirstBlock = state.Start / state.BlockSize;
        arguments.BlockCount = arguments.FirstBlock + state.BlockCount;
        for (int i = 0; i < _info.ElementStates; i++)
        {
            arguments.StatePointers[i] = state.States[i].IsAllocated
                ? ((HostStateStorage)state.States[i].Storage).Pointers.From(state.Start, arguments.FirstBlock)
                : default;
        }
    }

    private void SetStorage(ref KernelArguments arguments, in PlannedTensor<TRule> planned)
    {
        if (planned.Storage == ParameterStorage.Stochastic)
        {
            arguments.Parameter = arguments.Parameter.Rounding(StochasticNarrowing.For(_width), planned.RoundingKey);
        }

        if (planned.Storage == ParameterStorage.Remainder)
        {
            arguments.Parameter = arguments.Parameter.WithRemainders(
                (short*)((HostStateStorage)planned.State.Remainder!.Storage).Pointers.Codes - planned.State.Start,
                RemainderConverter.For(_width));
        }

        for (int i = 0; i < _info.ElementStates; i++)
        {
            if (planned.State.States[i].Rounding == StateRounding.Stochastic)
            {
                arguments.StatePointers[i].IsStochastic = true;
                arguments.StatePointers[i].RandomKey = RoundingKey.OfState(planned.RoundingKey, i);
            }
        }
    }

    private BlockKernel? GetKernel(in PlannedTensor<TRule> planned, int phase)
    {
        int index = (((planned.Variant * _info.PhaseCount) + phase) * 2) + (planned.State.IsQuantized ? 1 : 0);
        return _kernels[index] ??= TRule.GetCpuKernel(planned.Variant, phase, _width, planned.Format);
    }
}
