using System.Runtime.InteropServices;
using Requant.Cpu;

namespace Requant.Ilgpu;

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
    private readonly DeviceRows _rows;
    private readonly Dictionary<LaunchKey, DeviceLauncher?[]> _launchers = [];
    private readonly DeviceLauncher?[] _finishes;
    private readonly int _rowLength;
    private readonly DeviceBuffer _uniformBuffer;
    private readonly DeviceBuffer _partialBuffer;
    private readonly DeviceAllocation _skipped;
    private float[] _uniforms = [];
    private float[] _partials = [];
    private TensorLaunch[] _tensors = [];

    public DeviceExecutor(IKernelDevice device)
    {
        _device = device;
        _states = new DeviceStates(device, _info);
        _rows = new DeviceRows(device, _states);
        _uniformBuffer = new DeviceBuffer(device);
        _partialBuffer = new DeviceBuffer(device);
        _finishes = new DeviceLauncher?[_info.PhaseCount - 1];
        _rowLength = _info.UniformCount + _info.Reductions.Count;
        _skipped = device.Allocate(SkippedCounts * sizeof(long));
        device.Fill(_skipped.Position, _skipped.Bytes, 0);
        for (int phase = 0; phase < _finishes.Length; phase++)
        {
            _finishes[phase] = device.LoadFinish<TRule>(phase);
        }
    }

    public StateStorage CreateStorage(StateInfo info, bool quantized, int blockSize, long length) =>
        _states.CreateStorage(info, quantized, blockSize, length);

    /// <summary>Elements skipped in all steps, and in the last one, because their gradient was not finite. Waits for the
    /// device.</summary>
    public (long All, long Last) ReadSkipped()
    {
        Span<long> counts = stackalloc long[SkippedCounts];
        _device.Read(MemoryMarshal.AsBytes(counts), _skipped.Position);
        return (counts[0], counts[0] - counts[1]);
    }

    /// <summary>Updates every tensor and counts its step; the caller has validated all of them. Kernels are loaded before
    /// the first one runs, and a step that failed is not counted. Does not wait for the device, unless the rule has tensor states
    /// or values behind a reduction that the host must compute.</summary>
    public void Step(TRule rule, ReadOnlySpan<DeviceUpdate> updates)
    {
        Prepare(rule, updates);
        _device.Copy(_skipped.Position + sizeof(long), _skipped.Position, sizeof(long));
        WriteUniforms(updates.Length);
        bool isOnDevice = false;
        for (int phase = 0; phase < _info.PhaseCount; phase++)
        {
            LaunchPhase(updates, phase);
            if (phase == _info.PhaseCount - 1)
            {
                break;
            }

            if (_finishes[phase] is DeviceLauncher finish)
            {
                isOnDevice = true;
                LaunchFinish(updates, finish);
            }
            else
            {
                ReadUniforms(updates.Length, isOnDevice);
                FinishOnHost(rule, updates, phase + 1);
                WriteUniforms(updates.Length);
            }
        }

        if (_info.TensorStates.Count > 0)
        {
            ReadUniforms(updates.Length, isOnDevice);
        }

        for (int i = 0; i < updates.Length; i++)
        {
            updates[i].State.Commit(_tensors[i].Step, Uniforms(_tensors[i].Row));
        }
    }

    /// <summary>Positions of what it keeps beside states, and their names, for measurements.</summary>
    internal IEnumerable<(string Name, long Position)> Memory =>
    [
        ("tensors", _rows.Position(0)), ("uniforms", _uniformBuffer.Position), ("partials", _partialBuffer.Position),
        ("skipped", _skipped.Position), .. _states.Memory,
    ];

    public void Dispose()
    {
        _states.Dispose();
        _rows.Dispose();
        _uniformBuffer.Dispose();
        _partialBuffer.Dispose();
        _skipped.Dispose();
        _device.Dispose();
    }

    private void Prepare(TRule rule, ReadOnlySpan<DeviceUpdate> updates)
    {
        Grow(ref _tensors, updates.Length);
        Grow(ref _uniforms, updates.Length * _rowLength);
        long partials = 0;
        _rows.Begin();
        for (int i = 0; i < updates.Length; i++)
        {
            DeviceUpdate update = updates[i];
            int step = checked(update.State.Step + 1);
            var key = new LaunchKey(
                rule.SelectVariant(step), update.State.IsQuantized, update.ParameterType, update.GradientType);
            _ = Launchers(key);
            _rows.Add(i, key, update);
            _tensors[i] = new TensorLaunch(step, 0, partials);
            partials += update.State.BlockCount * _info.Reductions.Count;
        }

        if (Array.Exists(_finishes, finish => finish is null))
        {
            Grow(ref _partials, checked((int)partials));
        }

        _partialBuffer.Reserve(partials * sizeof(float));
        _uniformBuffer.Reserve((long)updates.Length * _rowLength * sizeof(float));
        _rows.Sort();
        for (int row = 0; row < updates.Length; row++)
        {
            int i = _rows.UpdateOf(row);
            _tensors[i] = _tensors[i] with { Row = row };
            Reductions(row).Clear();
            rule.ComputeUniforms(
                0, _tensors[i].Step, updates[i].State.TensorStates.Values, Reductions(row), Uniforms(row));
        }

        _rows.Upload(updates, i => _partialBuffer.Position + (_tensors[i].FirstPartial * sizeof(float)));
    }

    private unsafe void FinishOnHost(TRule rule, ReadOnlySpan<DeviceUpdate> updates, int phase)
    {
        _device.Read(MemoryMarshal.AsBytes(_partials.AsSpan()), _partialBuffer.Position);
        fixed (float* partials = _partials)
        {
            for (int i = 0; i < updates.Length; i++)
            {
                TensorLaunch tensor = _tensors[i];
                ParameterState state = updates[i].State;
                Span<float> results = Reductions(tensor.Row);
                for (int reduction = 0; reduction < results.Length; reduction++)
                {
                    if (_info.Reductions[reduction].Phase == phase - 1)
                    {
                        float* first = partials + tensor.FirstPartial + (reduction * state.BlockCount);
                        results[reduction] = TensorReduction.Finish(
                            _info.Reductions[reduction].Kind, first, state.BlockCount);
                    }
                }

                rule.ComputeUniforms(phase, tensor.Step, state.TensorStates.Values, results, Uniforms(tensor.Row));
            }
        }
    }

    private void LaunchPhase(ReadOnlySpan<DeviceUpdate> updates, int phase)
    {
        int warps = _device.GroupSize / DeviceGrid.WarpSize;
        foreach (DeviceRows.Group group in _rows.Groups)
        {
            if (group.BlockCount > 0 && Launchers(group.Key)[phase] is DeviceLauncher launch)
            {
                launch(
                    (int)Math.Min((group.BlockCount + warps - 1) / warps, _device.MaxGroups), Describe(updates, group, group.RowCount));
            }
        }
    }

    /// <summary>Also tensors without elements have values behind a reduction.</summary>
    private void LaunchFinish(ReadOnlySpan<DeviceUpdate> updates, DeviceLauncher finish)
    {
        foreach (DeviceRows.Group group in _rows.Groups)
        {
            finish(Math.Min(group.AllRows, _device.MaxGroups), Describe(updates, group, group.AllRows));
        }
    }

    private DeviceModel Describe(ReadOnlySpan<DeviceUpdate> updates, DeviceRows.Group group, int rows)
    {
        DeviceModel model = _states.Describe(updates[_rows.UpdateOf(group.FirstRow)].State);
        model.Tensors = _rows.Position(group.FirstRow);
        model.Uniforms = _uniformBuffer.Position + ((long)group.FirstRow * _rowLength * sizeof(float));
        model.UniformCount = _rowLength;
        model.Skipped = _skipped.Position;
        model.TensorCount = rows;
        model.BlockCount = group.BlockCount;
        return model;
    }

    private void WriteUniforms(int rows) =>
        _device.Write(_uniformBuffer.Position, MemoryMarshal.AsBytes(_uniforms.AsSpan(0, rows * _rowLength)));

    private void ReadUniforms(int rows, bool isOnDevice)
    {
        if (isOnDevice)
        {
            _device.Read(MemoryMarshal.AsBytes(_uniforms.AsSpan(0, rows * _rowLength)), _uniformBuffer.Position);
        }
    }

    private DeviceLauncher?[] Launchers(LaunchKey key)
    {
        if (!_launchers.TryGetValue(key, out DeviceLauncher?[]? launchers))
        {
            launchers = [.. Enumerable.Range(0, _info.PhaseCount).Select(phase => _device.Load<TRule>(
                key.Variant, phase, key.Quantized, key.ParameterType, key.GradientType))];
            _launchers.Add(key, launchers);
        }

        return launchers;
    }

    private Span<float> Uniforms(int row) => _uniforms.AsSpan(row * _rowLength, _info.UniformCount);

    private Span<float> Reductions(int row) =>
        _uniforms.AsSpan((row * _rowLength) + _info.UniformCount, _info.Reductions.Count);

    private static void Grow<T>(ref T[] array, int length)
    {
        if (array.Length < length)
        {
            array = new T[length];
        }
    }

    /// <summary>One tensor of the current step, on the host's side.</summary>
    private readonly record struct TensorLaunch(int Step, int Row, long FirstPartial);
}

/// <summary>What all tensors of a launch have in common.</summary>
/// <param name="Variant">From <see cref="IOptimizerRule{TSelf}.SelectVariant"/>.</param>
/// <param name="Quantized">Whether states are stored by their codecs.</param>
/// <param name="ParameterType">What the parameters' elements are.</param>
/// <param name="GradientType">What the gradients' elements are.</param>
internal readonly record struct LaunchKey(int Variant, bool Quantized, ElementType ParameterType, ElementType GradientType);
