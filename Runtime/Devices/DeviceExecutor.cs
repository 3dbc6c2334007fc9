using System.Runtime.InteropServices;
using Requant.CompilerServices;
using Requant.Devices.Driver;
using Requant.States;
using Requant.Steps;

namespace Requant.Devices;

/// <summary>Runs the kernels of a step on a device: one launch per phase for all tensors of one variant and pair of
/// element types.</summary>
/// <typeparam name="TRule">The generated rule.</typeparam>
internal sealed class DeviceExecutor<TRule> : IDeviceExecutor<TRule>
    where TRule : IOptimizerRule<TRule>
{
    /// <summary>Elements skipped so far, and those before the last step.</summary>
    private const int SkippedCounts = 2;

    private readonly RuleInfo _info = RuleInfo.Of<TRule>();
    private readonly IKernelDevice _device;
    private readonly DeviceStates _states;
    private readonly Dictionary<LaunchKey, DeviceLauncher?[]> _launchers = [];
    private readonly DeviceLauncher?[] _finishes;
    private readonly DeviceLineLauncher<TRule>? _lines;
    private readonly DeviceAllocation _skipped;
    private readonly DeviceMeasurement _measurement;
    private readonly DeviceBuffer[] _uploads;
    private readonly List<DeviceBatch<TRule>> _captured = [];
    private DeviceBatch<TRule> _batch;
    private DeviceLauncher? _fold;
    private (long All, long Last)? _lastSkipped;

    /// <param name="device">Disposed with the executor, or at once where it cannot be made.</param>
    public DeviceExecutor(IKernelDevice device)
    {
        _device = device;
        _measurement = new DeviceMeasurement(device);
        _states = new DeviceStates(device);
        _batch = NewBatch();
        _uploads = [new DeviceBuffer(device), new DeviceBuffer(device)];
        _skipped = DeviceAllocation.Empty;
        try
        {
            _finishes = [.. Enumerable.Range(0, _info.PhaseCount - 1).Select(device.LoadFinish<TRule>)];
            _lines = _info.IsElementwise ? null : new DeviceLineLauncher<TRule>(device, _finishes);
            _skipped = device.Allocate(SkippedCounts * sizeof(long));
            device.Fill(_skipped.Position, _skipped.Bytes, 0);
        }
        catch
        {
            Free();
            throw;
        }
    }

    public (long All, long Last) Skipped => _lastSkipped ?? ReadSkipped();

    public StepPlan<TRule> Captured => _captured.Count > 0 ? _captured[^1].Plan! : throw StepCore<TRule>.NoCapture();

    /// <summary>Positions of what it keeps beside states, and their names, for measurements.</summary>
    internal IEnumerable<(string Name, long Position)> Memory =>
        [.. _batch.Memory, ("skipped", _skipped.Position), .. _states.Memory, .. _measurement.Memory,
            .. _lines?.Memory ?? []];

    public StateStorage CreateStorage(
        StateInfo state, int blockSize, bool quantized, long length, IStateAllocator? allocator) =>
        _states.CreateStorage(state, blockSize, quantized, length, allocator);

    public StateStorage CreateRemainder(long length, IStateAllocator? allocator) =>
        _states.CreateRemainder(length, allocator);

    public nint Upload(int slot, ReadOnlySpan<byte> source, nint stream)
    {
        _device.UseStream(stream);
        _uploads[slot].Reserve(source.Length);
        _device.Write(_uploads[slot].Position, source);
        return source.IsEmpty ? 0 : _device.AddressOf(_uploads[slot].Position);
    }

    public void Download(int slot, Span<byte> destination) => _device.Read(destination, _uploads[slot].Position);

    public long Measure(StepPlan<TRule> plan, Span<double> sums, nint stream)
    {
        _device.UseStream(stream);
        _batch.Prepare(plan);
        _measurement.Prepare(_batch.Groups, plan.Count);
        _batch.WriteRows();
        _batch.WriteUniforms();
        return _measurement.Run(_batch, sums);
    }

    /// <summary>Does not wait for the device, unless the rule has tensor states or values behind a reduction that the
    /// host must compute.</summary>
    public void Run(StepPlan<TRule> plan, nint stream)
    {
        _device.UseStream(stream);
        _batch.Prepare(plan);
        LoadKernels();
        _batch.WriteRows();
        _batch.WriteUniforms();
        Launch(out bool isOnDevice);
        if (_info.TensorStates.Count > 0 && isOnDevice)
        {
            _batch.ReadUniforms();
        }

        if (_lines is not null && (_info.TensorStates.Count > 0 || plan.IsFirstUse))
        {
            _batch.ReadSkips();
        }

        _device.EndStep();
    }

    public bool IsCapturing(nint stream) => _device.IsCapturing(stream);

    public void Capture(StepPlan<TRule> plan, nint stream)
    {
        bool isHostNeeded = _lines is null
            ? Array.Exists(_finishes, finish => finish is null)
            : _info.HostPhases != 0;
        if (_info.TensorStates.Count > 0 || isHostNeeded)
        {
            throw new NotSupportedException(
                $"Steps of rule {_info.Name} cannot be captured: it has tensor states, or the host computes what "
                + "becomes known between its phases, so that the host has a part in every step.");
        }

        if (!_batch.IsCapacityFor(plan)
            || (_lines is not null && (plan.IsFirstUse || !_lines.IsCapacityFor(plan))))
        {
            throw MustStepFirst();
        }

        _batch.Prepare(plan);
        if (_batch.IsChanged || _batch.Groups.Any(group => !IsLoaded(group.Key)))
        {
            throw MustStepFirst();
        }

        _device.CaptureOn(stream, () => Launch(out _));

        // What the graph reads is its own from now on.
        _captured.Add(_batch);
        _batch = NewBatch();
    }

    public void PrepareReplay(nint stream)
    {
        _device.UseStream(stream);
        DeviceBatch<TRule> batch = _captured[^1];
        batch.PrepareAgain();
        batch.WriteUniforms();
    }

    public void Dispose()
    {
        if (_lastSkipped is null)
        {
            _lastSkipped = KeptSkipped();
            Free();
        }
    }

    /// <summary>The counts of a device that is given up. One that has failed has none to give, and its error has
    /// been reported.</summary>
    private (long All, long Last) KeptSkipped()
    {
        try
        {
            return ReadSkipped();
        }
        catch (CudaException)
        {
            return default;
        }
    }

    private void Free()
    {
        _lines?.Dispose();
        _states.Dispose();
        _batch.Dispose();
        foreach (DeviceBatch<TRule> batch in _captured)
        {
            batch.Dispose();
            batch.Plan?.Dispose();
        }

        Array.ForEach(_uploads, buffer => buffer.Dispose());
        _skipped.Dispose();
        _measurement.Dispose();
        _device.Dispose();
    }

    private (long All, long Last) ReadSkipped()
    {
        Span<long> counts = stackalloc long[SkippedCounts];
        _device.Read(MemoryMarshal.AsBytes(counts), _skipped.Position);
        return (counts[0], counts[0] - counts[1]);
    }

    private void Launch(out bool isOnDevice)
    {
        _device.Copy(_skipped.Position + sizeof(long), _skipped.Position, sizeof(long));
        isOnDevice = _lines is not null;
        _lines?.Launch(_batch, _skipped.Position);
        for (int phase = 0; _lines is null && phase < _info.PhaseCount; phase++)
        {
            LaunchPhase(phase);
            if (phase == _info.PhaseCount - 1)
            {
                break;
            }

            if (_finishes[phase] is DeviceLauncher finish)
            {
                isOnDevice = true;
                LaunchFinish(finish, phase);
                continue;
            }

            if (isOnDevice)
            {
                _batch.ReadUniforms();
            }

            _batch.FinishOnHost(phase);
            _batch.WriteUniforms();
        }
    }

    private void LaunchPhase(int phase)
    {
        int warps = _device.GroupSize / DeviceGrid.WarpSize;
        foreach (TensorTable.Group group in _batch.Groups)
        {
            if (group.BlockCount > 0 && _launchers[group.Key][phase] is DeviceLauncher launch)
            {
                launch(
                    (group.BlockCount + warps - 1) / warps,
                    _batch.Describe(group, group.RowCount) with { Skipped = _skipped.Position });
            }
        }
    }

    /// <summary>Also tensors without elements have values behind a reduction.</summary>
    private void LaunchFinish(DeviceLauncher finish, int phase)
    {
        foreach (TensorTable.Group group in _batch.Groups)
        {
            if (group.Windows > 0)
            {
                _fold!(group.Windows, _batch.Describe(group, group.RowCount) with
                {
                    Table0 = ReductionsOf(phase, isMax: false), Table1 = ReductionsOf(phase, isMax: true),
                });
            }

            finish(group.AllRows, _batch.Describe(group, group.AllRows));
        }
    }

    /// <summary>A bit for each reduction of a phase.</summary>
    private long ReductionsOf(int phase, bool isMax)
    {
        long reductions = 0;
        for (int i = 0; i < _info.Reductions.Count; i++)
        {
            bool isOf = _info.Reductions[i].Phase == phase && (_info.Reductions[i].Kind == ReductionKind.Max) == isMax;
            reductions |= isOf ? 1L << i : 0;
        }

        return reductions;
    }

    private DeviceBatch<TRule> NewBatch() => new(_device, _states, hasLines: !_info.IsElementwise);

    private bool IsLoaded(LaunchKey key) => _lines is null ? _launchers.ContainsKey(key) : _lines.Has(key);

    private void LoadKernels()
    {
        if (_lines is not null)
        {
            _lines.Prepare(_batch);
            return;
        }

        foreach (TensorTable.Group group in _batch.Groups)
        {
            if (group.Windows > 0)
            {
                _fold ??= _device.LoadFold(isOfSquares: false);
            }

            LaunchKey key = group.Key;
            if (!_launchers.ContainsKey(key))
            {
                _launchers.Add(
                    key, [.. Enumerable.Range(0, _info.PhaseCount).Select(phase => _device.Load<TRule>(key, phase))]);
            }
        }
    }

    private InvalidOperationException MustStepFirst() => new(
        $"A step of {_info.Name} is to be captured that needs memory or kernels which are not there yet. Take a step "
        + "with the same tensors and gradients before the capture begins.");
}
