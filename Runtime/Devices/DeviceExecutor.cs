using System.Runtime.InteropServices;
using Requant.CompilerServices;
using Requant.States;

namespace Requant.Devices;

/// <summary>Takes steps on a device: one launch per phase for all tensors of one variant and pair of element types.</summary>
/// <typeparam name="TRule">The generated rule.</typeparam>
internal sealed class DeviceExecutor<TRule> : IDisposable
    where TRule : IOptimizerRule<TRule>
{
    /// <summary>Elements skipped so far, and those before the last step.</summary>
    private const int SkippedCounts = 2;

    private readonly RuleInfo _info = TRule.Info;
    private readonly IKernelDevice _device;
    private readonly DeviceStates _states;
    private readonly Dictionary<LaunchKey, DeviceLauncher?[]> _launchers = [];
    private readonly DeviceLauncher?[] _finishes;
    private readonly DeviceAllocation _skipped;
    private readonly DeviceMeasurement _measurement;
    private readonly OptimizerOptions _options;
    private readonly List<DeviceBatch<TRule>> _captured = [];
    private DeviceBatch<TRule> _batch;

    /// <param name="device">Disposed with the executor, or at once where it cannot be made.</param>
    /// <param name="options">The optimizer's.</param>
    public DeviceExecutor(IKernelDevice device, OptimizerOptions options)
    {
        _device = device;
        _options = options;
        RoundingSeed = options.RoundingSeed;
        _measurement = new DeviceMeasurement(device);
        _states = new DeviceStates(device);
        _batch = new DeviceBatch<TRule>(device, _states, options);
        _skipped = DeviceAllocation.Empty;
        try
        {
            _finishes = [.. Enumerable.Range(0, _info.PhaseCount - 1).Select(device.LoadFinish<TRule>)];
            _skipped = device.Allocate(SkippedCounts * sizeof(long));
            device.Fill(_skipped.Position, _skipped.Bytes, 0);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Positions of what it keeps beside states, and their names, for measurements.</summary>
    internal IEnumerable<(string Name, long Position)> Memory =>
        [.. _batch.Memory, ("skipped", _skipped.Position), .. _states.Memory, .. _measurement.Memory];

    /// <summary>The seed of stochastic rounding.</summary>
    public ulong RoundingSeed { get; set; }

    /// <summary>Whether the host has a part in a step after its beginning.</summary>
    public bool NeedsHost => _info.TensorStates.Count > 0 || Array.Exists(_finishes, finish => finish is null);

    public StateStorage CreateStorage(StateInfo info, int blockSize, bool quantized, long length) =>
        _states.CreateStorage(info, blockSize, quantized, length);

    /// <summary>Elements skipped in all steps, and in the last one, because their gradient was not finite. Waits for the
    /// device.</summary>
    public (long All, long Last) ReadSkipped()
    {
        Span<long> counts = stackalloc long[SkippedCounts];
        _device.Read(MemoryMarshal.AsBytes(counts), _skipped.Position);
        return (counts[0], counts[0] - counts[1]);
    }

    /// <summary>Reads every gradient once and changes nothing, with the bits of the processor's. Waits for the device.</summary>
    /// <param name="rule">As for <see cref="Step"/>.</param>
    /// <param name="updates">As for <see cref="Step"/>.</param>
    /// <param name="gradientScale">What every gradient is multiplied by.</param>
    public GradientMeasure Measure(TRule rule, ReadOnlySpan<DeviceUpdate> updates, float gradientScale)
    {
        _batch.Prepare(rule, updates, Settings(gradientScale));
        _measurement.Prepare(_batch.Groups, _batch.Count);
        _batch.WriteRows();
        _batch.WriteUniforms();
        return _measurement.Run(_batch);
    }

    /// <summary>Updates every tensor and counts its step; the caller has validated all of them. Kernels are loaded before
    /// the first one runs, and a step that failed is not counted. Does not wait for the device, unless the rule has tensor states
    /// or values behind a reduction that the host must compute.</summary>
    /// <param name="rule">With the hyperparameters of this step.</param>
    /// <param name="updates">Each state once.</param>
    /// <param name="gradientScale">What every gradient is multiplied by.</param>
    public void Step(TRule rule, ReadOnlySpan<DeviceUpdate> updates, float gradientScale = 1f)
    {
        _batch.Prepare(rule, updates, Settings(gradientScale));
        LoadKernels();
        _batch.WriteRows();
        _batch.WriteUniforms();
        Launch(rule, out bool isOnDevice);
        if (_info.TensorStates.Count > 0 && isOnDevice)
        {
            _batch.ReadUniforms();
        }

        _batch.Commit(rule.StatesInUse());
    }

    /// <summary>Records the launches of a step, which a graph repeats: each time after <see cref="PrepareReplay"/>. Nothing runs, and
    /// no step is counted.</summary>
    /// <exception cref="InvalidOperationException">The last step was of other tensors, whose table would have to be
    /// written.</exception>
    public void Capture(TRule rule, ReadOnlySpan<DeviceUpdate> updates, float gradientScale = 1f)
    {
        if (!_batch.IsCapacityFor(updates))
        {
            throw MustStepFirst();
        }

        _batch.Prepare(rule, updates, Settings(gradientScale));
        if (_batch.IsChanged || _batch.Groups.Any(group => !_launchers.ContainsKey(group.Key)))
        {
            throw MustStepFirst();
        }

        Launch(rule, out _);

        // What the graph reads is its own from now on.
        _captured.Add(_batch);
        _batch = new DeviceBatch<TRule>(_device, _states, _options);
    }

    /// <summary>Writes what the next launch of the graph that was captured last needs, and counts its step.</summary>
    /// <exception cref="InvalidOperationException">Nothing was captured, or the step needs other kernels.</exception>
    public void PrepareReplay(TRule rule, float gradientScale = 1f)
    {
        if (_captured.Count == 0)
        {
            throw new InvalidOperationException(
                $"No step of this optimizer of {_info.Name} was captured; take one while the stream is being captured.");
        }

        DeviceBatch<TRule> batch = _captured[^1];
        batch.PrepareAgain(rule, Settings(gradientScale));
        batch.WriteUniforms();
        batch.Commit(rule.StatesInUse());
    }

    public void Dispose()
    {
        _states.Dispose();
        _batch.Dispose();
        _captured.ForEach(batch => batch.Dispose());
        _skipped.Dispose();
        _measurement.Dispose();
        _device.Dispose();
    }

    private DeviceStepSettings Settings(float gradientScale) => new(gradientScale, RoundingSeed);

    private void Launch(TRule rule, out bool isOnDevice)
    {
        _device.Copy(_skipped.Position + sizeof(long), _skipped.Position, sizeof(long));
        isOnDevice = false;
        for (int phase = 0; phase < _info.PhaseCount; phase++)
        {
            LaunchPhase(phase);
            if (phase == _info.PhaseCount - 1)
            {
                break;
            }

            if (_finishes[phase] is DeviceLauncher finish)
            {
                isOnDevice = true;
                LaunchFinish(finish);
                continue;
            }

            if (isOnDevice)
            {
                _batch.ReadUniforms();
            }

            _batch.FinishOnHost(rule, phase + 1);
            _batch.WriteUniforms();
        }
    }

    private void LaunchPhase(int phase)
    {
        int warps = _device.GroupSize / DeviceGrid.WarpSize;
        foreach (DeviceRows.Group group in _batch.Groups)
        {
            if (group.BlockCount > 0 && _launchers[group.Key][phase] is DeviceLauncher launch)
            {
                launch((group.BlockCount + warps - 1) / warps, _batch.Describe(group, group.RowCount) with { Skipped = _skipped.Position });
            }
        }
    }

    /// <summary>Also tensors without elements have values behind a reduction.</summary>
    private void LaunchFinish(DeviceLauncher finish)
    {
        foreach (DeviceRows.Group group in _batch.Groups)
        {
            finish(group.AllRows, _batch.Describe(group, group.AllRows));
        }
    }

    private void LoadKernels()
    {
        foreach (DeviceRows.Group group in _batch.Groups)
        {
            LaunchKey key = group.Key;
            if (!_launchers.ContainsKey(key))
            {
                _launchers.Add(key, [.. Enumerable.Range(0, _info.PhaseCount).Select(phase => _device.Load<TRule>(key, phase))]);
            }
        }
    }

    private InvalidOperationException MustStepFirst() => new(
        $"A step of {_info.Name} is to be captured that needs memory or kernels which are not there yet. Take a step with the same "
        + "tensors and gradients before the capture begins.");
}
