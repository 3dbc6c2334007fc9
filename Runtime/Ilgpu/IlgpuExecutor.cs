using ILGPU;
using ILGPU.Runtime;
using Requant.Cpu;

namespace Requant.Ilgpu;

/// <summary>Takes steps on an ILGPU accelerator: one launch per tensor and phase on its default stream.</summary>
/// <typeparam name="TRule">The generated rule.</typeparam>
internal sealed class IlgpuExecutor<TRule> : IDisposable
    where TRule : IOptimizerRule<TRule>
{
    /// <summary>Groups per multiprocessor: enough warps to keep it busy, few enough for a grid-stride loop to
    /// pay.</summary>
    private const int GroupsPerMultiprocessor = 8;

    private readonly RuleInfo _info = TRule.Info;
    private readonly Accelerator _accelerator;
    private readonly Dictionary<Codec, DeviceCodebook> _codebooks = [];
    private readonly Kernel?[] _kernels;
    private readonly Launcher?[] _launchers;
    private readonly DeviceBuffer<float> _uniformBuffer;
    private readonly DeviceBuffer<float> _partialBuffer;
    private readonly DeviceBuffer<long> _skippedBuffer;
    private readonly DeviceBuffer<float> _nextAbsmaxBuffer;
    private readonly bool _hasTiles;
    private readonly int _groupSize;
    private float[] _uniforms = [];
    private float[] _reductions = [];
    private float[] _partials = [];
    private TensorLaunch[] _tensors = [];

    public IlgpuExecutor(Accelerator accelerator)
    {
        _accelerator = accelerator;
        int kernels = 2 * ElementTypes.Count * ElementTypes.Count * _info.VariantCount * _info.PhaseCount;
        _kernels = new Kernel?[kernels];
        _launchers = new Launcher?[kernels];
        _uniformBuffer = new DeviceBuffer<float>(accelerator);
        _partialBuffer = new DeviceBuffer<float>(accelerator);
        _skippedBuffer = new DeviceBuffer<long>(accelerator);
        _nextAbsmaxBuffer = new DeviceBuffer<float>(accelerator);
        _hasTiles = BlockSizes.AreMixed(_info.States);
        int threads = Math.Min(PtxCompiler.GroupSize, accelerator.MaxNumThreadsPerGroup);
        _groupSize = threads / DeviceGrid.WarpSize * DeviceGrid.WarpSize;
    }

    /// <summary>Launches a loaded kernel; the name keeps the delegate's long type in one place.</summary>
    private delegate void Launcher(
        AcceleratorStream stream, KernelConfig config, DeviceTensor tensor,
        DeviceState state0, DeviceState state1, DeviceState state2, DeviceState state3);

    private AcceleratorStream Stream => _accelerator.DefaultStream;

    public StateStorage CreateStorage(StateInfo info, bool quantized, int blockSize, long length)
    {
        if (!quantized)
        {
            return DeviceStateStorage.CreateFloat32(_accelerator, length);
        }

        if (!_codebooks.TryGetValue(info.Codec, out DeviceCodebook? codebook))
        {
            codebook = new DeviceCodebook(_accelerator, info.Codec);
            _codebooks.Add(info.Codec, codebook);
        }

        return DeviceStateStorage.CreateQuantized(_accelerator, codebook, blockSize, length);
    }

    /// <summary>Updates every tensor and counts its step; the caller has validated all of them. Kernels are compiled before
    /// the first one runs, and a step that failed is not counted.</summary>
    /// <returns>Elements skipped because their gradient was not finite.</returns>
    public long Step(TRule rule, ReadOnlySpan<IlgpuTensorUpdate> updates)
    {
        Prepare(rule, updates);
        ArrayView<long> skipped = _skippedBuffer.Reserve(1);
        for (int phase = 0; phase < _info.PhaseCount; phase++)
        {
            if (phase > 0)
            {
                FinishPhase(rule, updates, phase);
            }

            // Every phase meets the same bad gradients; the last one, which writes, counts them.
            skipped.MemSetToZero(Stream);
            LaunchPhase(updates, phase, skipped);
        }

        var count = new long[1];
        skipped.CopyToCPU(Stream, count);
        for (int i = 0; i < updates.Length; i++)
        {
            updates[i].State.Commit(_tensors[i].Step, Uniforms(i));
        }

        return count[0];
    }

    public void Dispose()
    {
        foreach (DeviceCodebook codebook in _codebooks.Values)
        {
            codebook.Dispose();
        }

        Array.ForEach(_kernels, kernel => kernel?.Dispose());
        _uniformBuffer.Dispose();
        _partialBuffer.Dispose();
        _skippedBuffer.Dispose();
        _nextAbsmaxBuffer.Dispose();
    }

    private void Prepare(TRule rule, ReadOnlySpan<IlgpuTensorUpdate> updates)
    {
        Array.Resize(ref _tensors, Math.Max(_tensors.Length, updates.Length));
        Array.Resize(ref _uniforms, Math.Max(_uniforms.Length, updates.Length * _info.UniformCount));
        Array.Resize(ref _reductions, Math.Max(_reductions.Length, updates.Length * _info.Reductions.Count));
        long partials = 0;
        for (int i = 0; i < updates.Length; i++)
        {
            ParameterState state = updates[i].State;
            int step = checked(state.Step + 1);
            _tensors[i] = new TensorLaunch(step, rule.SelectVariant(step), state.BlockCount, partials);
            partials += state.BlockCount * _info.Reductions.Count;
            Reductions(i).Clear();
            rule.ComputeUniforms(0, step, state.TensorStates.Values, Reductions(i), Uniforms(i));
            for (int phase = 0; phase < _info.PhaseCount; phase++)
            {
                _ = GetLauncher(_tensors[i].Variant, phase, updates[i]);
            }
        }

        Array.Resize(ref _partials, Math.Max(_partials.Length, checked((int)partials)));
    }

    private unsafe void FinishPhase(TRule rule, ReadOnlySpan<IlgpuTensorUpdate> updates, int phase)
    {
        _partialBuffer.Reserve(_partials.Length).CopyToCPU(Stream, _partials);
        fixed (float* partials = _partials)
        {
            for (int i = 0; i < updates.Length; i++)
            {
                TensorLaunch tensor = _tensors[i];
                Span<float> results = Reductions(i);
                for (int reduction = 0; reduction < results.Length; reduction++)
                {
                    if (_info.Reductions[reduction].Phase == phase - 1)
                    {
                        float* first = partials + tensor.FirstPartial + (reduction * tensor.BlockCount);
                        results[reduction] = TensorReduction.Finish(
                            _info.Reductions[reduction].Kind, first, tensor.BlockCount);
                    }
                }

                rule.ComputeUniforms(phase, tensor.Step, updates[i].State.TensorStates.Values, results, Uniforms(i));
            }
        }
    }

    private void LaunchPhase(ReadOnlySpan<IlgpuTensorUpdate> updates, int phase, ArrayView<long> skipped)
    {
        ArrayView<float> uniforms = _uniformBuffer.Reserve(_uniforms.Length);
        if (_uniforms.Length > 0)
        {
            uniforms.CopyFromCPU(Stream, _uniforms);
        }

        ArrayView<float> partials = _partialBuffer.Reserve(_partials.Length);
        ArrayView<float> nextAbsmax = _nextAbsmaxBuffer.Reserve(_hasTiles ? MostBlocks(updates) : 0);
        for (int i = 0; i < updates.Length; i++)
        {
            ParameterState state = updates[i].State;
            TensorLaunch tensor = _tensors[i];
            Launcher? launch = GetLauncher(tensor.Variant, phase, updates[i]);
            if (state.Length == 0 || launch is null)
            {
                continue;
            }

            var arguments = new DeviceTensor
            {
                Length = state.Length,
                Parameter = updates[i].Parameter,
                Gradient = updates[i].Gradient,
                Uniforms = uniforms.SubView((long)i * _info.UniformCount, _info.UniformCount),
                Partials = partials.SubView(tensor.FirstPartial, tensor.BlockCount * _info.Reductions.Count),
                Skipped = skipped,
                BlockSize = state.BlockSize,
                SegmentSize = BlockSizes.OfSegment(state),
            };
            int warpsPerGroup = _groupSize / DeviceGrid.WarpSize;
            long groups = (tensor.BlockCount + warpsPerGroup - 1) / warpsPerGroup;
            int grid = (int)Math.Min(groups, (long)_accelerator.NumMultiprocessors * GroupsPerMultiprocessor);
            launch(Stream, new KernelConfig(grid, _groupSize), arguments,
                StateView(state, 0, nextAbsmax), StateView(state, 1, nextAbsmax), StateView(state, 2, nextAbsmax),
                StateView(state, 3, nextAbsmax));
        }
    }

    // Launches follow each other on the stream, so that all tensors share one scratch memory.
    private static long MostBlocks(ReadOnlySpan<IlgpuTensorUpdate> updates)
    {
        long most = 0;
        foreach (ref readonly IlgpuTensorUpdate update in updates)
        {
            most = Math.Max(most, BlocksBefore(update.State, update.State.States.Count));
        }

        return most;
    }

    private static long BlocksBefore(ParameterState state, int index)
    {
        long blocks = 0;
        for (int i = 0; i < index; i++)
        {
            blocks += state.States[i].IsQuantized ? state.States[i].BlockCount : 0;
        }

        return blocks;
    }

    private DeviceState StateView(ParameterState state, int index, ArrayView<float> nextAbsmax)
    {
        if (index >= state.States.Count || !state.States[index].IsAllocated)
        {
            return default;
        }

        QuantizedState one = state.States[index];
        DeviceState view = ((DeviceStateStorage)one.Storage).View;
        view.BlockSize = one.IsQuantized ? one.BlockSize : state.BlockSize;
        if (_hasTiles && one.IsQuantized)
        {
            view.NextAbsmax = nextAbsmax.SubView(BlocksBefore(state, index), one.BlockCount);
        }

        return view;
    }

    private Launcher? GetLauncher(int variant, int phase, in IlgpuTensorUpdate update)
    {
        bool quantized = update.State.IsQuantized;
        int types = ((int)update.ParameterType * ElementTypes.Count) + (int)update.GradientType;
        int index = (((((variant * _info.PhaseCount) + phase) * 2) + (quantized ? 1 : 0))
            * ElementTypes.Count * ElementTypes.Count) + types;
        if (_launchers[index] is Launcher present)
        {
            return present;
        }

        DeviceKernel? device = DeviceKernels.Get<TRule>(
            variant, phase, quantized, update.ParameterType, update.GradientType);
        if (device is null)
        {
            return null;
        }

        Kernel kernel = _accelerator.LoadKernel(device.Method);
        _kernels[index] = kernel;
        var launch = kernel.CreateLauncherDelegate<Action<
            AcceleratorStream, KernelConfig, DeviceTensor, DeviceState, DeviceState, DeviceState, DeviceState>>();
        return _launchers[index] = new Launcher(launch);
    }

    private Span<float> Uniforms(int tensor) => _uniforms.AsSpan(tensor * _info.UniformCount, _info.UniformCount);

    private Span<float> Reductions(int tensor) =>
        _reductions.AsSpan(tensor * _info.Reductions.Count, _info.Reductions.Count);

    /// <summary>One tensor of the current step, on the host's side.</summary>
    private readonly record struct TensorLaunch(int Step, int Variant, long BlockCount, long FirstPartial);
}
