using Requant.CompilerServices;
using Requant.Numerics;
using Requant.States;
using Requant.Steps;

namespace Requant.Cpu;

/// <summary>Runs the kernels of a step in the processor's memory, over all threads.</summary>
/// <typeparam name="TRule">The generated rule.</typeparam>
internal sealed unsafe class CpuExecutor<TRule> : IStepExecutor<TRule>
    where TRule : IOptimizerRule<TRule>
{
    private readonly RuleInfo _info = RuleInfo.Of<TRule>();
    private readonly BlockKernel?[] _kernels;
    private readonly BlockWorkQueue _queue;
    private readonly SimdWidth _width;
    private readonly int _blockSize;
    private TensorWork[] _tensors = [];
    private NativeBuffer _partials = new(0);
    private NativeBuffer _squares = new(0);

    /// <param name="blockSize">Elements of a block.</param>
    /// <param name="width">Of vectors.</param>
    /// <param name="maxThreads">The most threads, the caller's among them.</param>
    public CpuExecutor(int blockSize, SimdWidth width, int maxThreads)
    {
        _blockSize = blockSize;
        _width = width;
        _kernels = new BlockKernel?[2 * _info.VariantCount * _info.PhaseCount];
        _queue = new BlockWorkQueue(maxThreads, KernelArguments.MaxStates + _info.Reductions.Count);
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
        }
    }

    /// <summary>Takes the step of some of its tensors.</summary>
    /// <param name="plan">The step that has begun.</param>
    /// <param name="first">The first of them.</param>
    /// <param name="count">How many there are.</param>
    public void RunPart(StepPlan<TRule> plan, int first, int count)
    {
        Prepare(plan, first, count);
        long skipped = 0;
        for (int phase = 0; phase < _info.PhaseCount; phase++)
        {
            bool hasWork = false;
            for (int i = 0; i < count; i++)
            {
                ref TensorWork work = ref _tensors[i];
                if (phase > 0)
                {
                    plan.FinishPhase(first + i, phase - 1, work.Arguments.PartialPointer);
                }

                work.Kernel = GetKernel(plan[first + i], phase);
                hasWork |= work.Kernel is not null;
            }

            // Every phase meets the same bad gradients; the last one, which writes, counts them.
            skipped = hasWork ? _queue.Run(_tensors, count, _blockSize) : 0;
        }

        Skipped = (Skipped.All + skipped, Skipped.Last + skipped);
    }

    public GradientMeasure Measure(StepPlan<TRule> plan, nint stream)
    {
        ReserveTensors(plan.Count);
        NativeBuffer.Reserve(ref _squares, CountBlocks(plan, 0, plan.Count) * sizeof(double));
        double* squares = (double*)_squares.Pointer;
        for (int i = 0; i < plan.Count; i++)
        {
            ref TensorWork work = ref _tensors[i];
            SetArguments(ref work.Arguments, plan, i);
            work.Arguments.SquarePointer = squares;
            work.Kernel = GradientSquares.Kernel;
            squares += plan[i].State.BlockCount;
        }

        long others = _queue.Run(_tensors, plan.Count, _blockSize);
        double sum = 0;
        string? firstWithOthers = null;
        squares = (double*)_squares.Pointer;
        for (int i = 0; i < plan.Count; i++)
        {
            ParameterState state = plan[i].State;
            sum += TensorReduction.SumOfMagnitudes(squares, state.BlockCount, out bool isMarked);
            squares += state.BlockCount;
            if (isMarked)
            {
                firstWithOthers ??= state.Name;
            }
        }

        return new GradientMeasure(sum, others, firstWithOthers);
    }

    public void Dispose()
    {
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

    private static long CountBlocks(StepPlan<TRule> plan, int first, int count)
    {
        long blocks = 0;
        for (int i = first; i < first + count; i++)
        {
            blocks += plan[i].State.BlockCount;
        }

        return blocks;
    }

    private void Prepare(StepPlan<TRule> plan, int first, int count)
    {
        ReserveTensors(count);
        if (_info.Reductions.Count > 0)
        {
            NativeBuffer.Reserve(
                ref _partials, CountBlocks(plan, first, count) * _info.Reductions.Count * sizeof(float));
        }

        float* partials = (float*)_partials.Pointer;
        for (int i = 0; i < count; i++)
        {
            ref KernelArguments arguments = ref _tensors[i].Arguments;
            SetArguments(ref arguments, plan, first + i);
            SetStorage(ref arguments, plan[first + i]);
            arguments.UniformPointer = plan.UniformPointer(first + i);
            arguments.PartialPointer = partials;
            partials += plan[first + i].State.BlockCount * _info.Reductions.Count;
        }
    }

    private void SetArguments(ref KernelArguments arguments, StepPlan<TRule> plan, int tensor)
    {
        ref readonly PlannedTensor<TRule> planned = ref plan[tensor];
        ParameterState state = planned.State;
        arguments.Parameter = new ElementMemory(planned.Parameter, ElementConverter.For(planned.ParameterType, _width));
        arguments.Gradient = new ElementMemory(
            planned.Gradient, ElementConverter.For(planned.GradientType, _width), planned.GradientScale);
        arguments.PropagatesNonFinite = plan.PropagatesNonFinite;
        arguments.Length = state.Length;
        arguments.BlockSize = state.BlockSize;
        arguments.BlockCount = state.BlockCount;
        for (int i = 0; i < state.States.Count; i++)
        {
            arguments.StatePointers[i] = state.States[i].IsAllocated
                ? ((HostStateStorage)state.States[i].Storage).Pointers
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
                (short*)((HostStateStorage)planned.State.Remainder!.Storage).Pointers.Codes,
                RemainderConverter.For(_width));
        }

        for (int i = 0; i < planned.State.States.Count; i++)
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
