using System.Runtime.InteropServices;
using Requant.CompilerServices;
using Requant.Numerics;
using Requant.Steps;

namespace Requant.Devices;

/// <summary>The tensors of one step on a device, and the memory that its launches use. A captured step keeps its own, so that
/// later steps do not change what a graph reads.</summary>
/// <typeparam name="TRule">The generated rule.</typeparam>
internal sealed class DeviceBatch<TRule> : IDisposable
    where TRule : IOptimizerRule<TRule>
{
    private readonly RuleInfo _info = TRule.Info;
    private readonly IKernelDevice _device;
    private readonly DeviceStates _states;
    private readonly DeviceRows _rows;
    private readonly DeviceBuffer _uniformBuffer;
    private readonly DeviceBuffer _partialBuffer;
    private readonly int _rowLength;
    private readonly OptimizerOptions _options;
    private DeviceUpdate[] _updates = [];
    private TensorLaunch[] _tensors = [];
    private float[] _uniforms = [];
    private DeviceStepSettings _settings = DeviceStepSettings.Plain;
    private float[] _partials = [];
    private int _count;

    /// <param name="device">The device.</param>
    /// <param name="states">The rule's states on it.</param>
    /// <param name="options">The optimizer's.</param>
    public DeviceBatch(IKernelDevice device, DeviceStates states, OptimizerOptions options)
    {
        _options = options;
        _device = device;
        _states = states;
        _rows = new DeviceRows(device, states);
        _uniformBuffer = new DeviceBuffer(device);
        _partialBuffer = new DeviceBuffer(device);
        _rowLength = _info.UniformCount + _info.Reductions.Count + DeviceStepValue.Count;
    }

    /// <summary>Positions of what it keeps, and their names, for measurements.</summary>
    public IEnumerable<(string Name, long Position)> Memory =>
    [
        ("tensors", _rows.Position(0)), ("uniforms", _uniformBuffer.Position), ("partials", _partialBuffer.Position),
    ];

    /// <summary>The launches of a phase.</summary>
    public IReadOnlyList<DeviceRows.Group> Groups => _rows.Groups;

    /// <summary>Tensors of the step.</summary>
    public int Count => _count;

    /// <summary>A tensor of the step, and its row.</summary>
    /// <param name="update">From 0 to <see cref="Count"/> - 1, in the order of the step.</param>
    public (ParameterState State, int Row) TensorOf(int update) => (_updates[update].State, _tensors[update].Row);

    /// <summary>Takes the tensors of a step and computes what is known before it. Nothing is written to the device, and memory
    /// is made only where there is not enough.</summary>
    /// <param name="rule">With the hyperparameters of this step.</param>
    /// <param name="updates">Each state once.</param>
    /// <param name="settings">What element types take from the step.</param>
    public void Prepare(TRule rule, ReadOnlySpan<DeviceUpdate> updates, DeviceStepSettings settings)
    {
        _settings = settings;
        _count = updates.Length;
        Grow(ref _updates, _count);
        Grow(ref _tensors, _count);
        Grow(ref _uniforms, _count * _rowLength);
        updates.CopyTo(_updates);
        long partials = 0;
        _rows.Begin();
        for (int i = 0; i < _count; i++)
        {
            ref readonly DeviceUpdate update = ref _updates[i];
            int step = update.State.NextStep();
            _rows.Add(i, KeyOf(rule, update, step, Treatment), update);
            _tensors[i] = new TensorLaunch(step, 0, partials);
            partials += update.State.BlockCount * _info.Reductions.Count;
        }

        _partialBuffer.Reserve(partials * sizeof(float));
        _uniformBuffer.Reserve((long)_count * _rowLength * sizeof(float));
        _rows.Sort();
        for (int row = 0; row < _count; row++)
        {
            int i = _rows.UpdateOf(row);
            _tensors[i] = _tensors[i] with { Row = row };
            FillStepValues(i);
            Reductions(row).Clear();
            if (row > 0 && HasSameHostValues(i, _rows.UpdateOf(row - 1)))
            {
                Uniforms(row - 1).CopyTo(Uniforms(row));
            }
            else
            {
                HostValues.Compute(rule, _updates[i].State, _tensors[i].Step, _rows.KeyOf(row).Variant, Reductions(row), Uniforms(row));
            }
        }

        _rows.Fill(_updates.AsSpan(0, _count), i => _partialBuffer.Position + (_tensors[i].FirstPartial * sizeof(float)));
    }

    /// <summary>Whether <see cref="Prepare"/> would do without new memory: the last step was of as many tensors.</summary>
    public bool IsCapacityFor(ReadOnlySpan<DeviceUpdate> updates)
    {
        long partials = 0;
        foreach (ref readonly DeviceUpdate update in updates)
        {
            partials += update.State.BlockCount * _info.Reductions.Count;
        }

        return updates.Length == _count && _partialBuffer.Holds(partials * sizeof(float));
    }

    /// <summary>Takes the next step of the tensors that are here.</summary>
    /// <param name="rule">With the hyperparameters of this step.</param>
    /// <param name="settings">What element types take from the step.</param>
    /// <exception cref="InvalidOperationException">It needs other kernels than the last one.</exception>
    public void PrepareAgain(TRule rule, DeviceStepSettings settings)
    {
        _settings = settings;
        for (int i = 0; i < _count; i++)
        {
            ref readonly DeviceUpdate update = ref _updates[i];
            int step = update.State.NextStep();
            LaunchKey captured = _rows.KeyOf(_tensors[i].Row);

            // A kernel that scales takes a scale of 1, too.
            if (KeyOf(rule, update, step, Treatment | (captured.Gradients & GradientTreatment.Scaled)) != captured)
            {
                throw new InvalidOperationException(
                    $"Step {step} of '{update.State.Name}' needs another kernel of rule {_info.Name} than the captured step: its "
                    + "hyperparameters, the step or a gradient scale have changed a condition. Capture again.");
            }

            _tensors[i] = _tensors[i] with { Step = step };
            FillStepValues(i);
            HostValues.Compute(
                rule, update.State, step, captured.Variant, Reductions(_tensors[i].Row), Uniforms(_tensors[i].Row));
        }
    }

    /// <summary>Whether the table of tensors would have to be written.</summary>
    public bool IsChanged => _rows.IsChanged;

    public void WriteRows() => _rows.Write();

    public void WriteUniforms() =>
        _device.Write(_uniformBuffer.Position, MemoryMarshal.AsBytes(_uniforms.AsSpan(0, _count * _rowLength)));

    public void ReadUniforms() =>
        _device.Read(MemoryMarshal.AsBytes(_uniforms.AsSpan(0, _count * _rowLength)), _uniformBuffer.Position);

    /// <summary>Computes on the host what becomes known in a phase, from the partial results of the one before.</summary>
    public unsafe void FinishOnHost(TRule rule, int phase)
    {
        int count = _count == 0 ? 0 : checked((int)(_tensors[_count - 1].FirstPartial
            + (_updates[_count - 1].State.BlockCount * _info.Reductions.Count)));
        Grow(ref _partials, count);
        _device.Read(MemoryMarshal.AsBytes(_partials.AsSpan(0, count)), _partialBuffer.Position);
        fixed (float* partials = _partials)
        {
            for (int i = 0; i < _count; i++)
            {
                TensorLaunch tensor = _tensors[i];
                ParameterState state = _updates[i].State;
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

                rule.ComputeUniforms(
                    phase, tensor.Step, state.UnusedStates, state.TensorStates.Values, results, Uniforms(tensor.Row));
            }
        }
    }

    /// <summary>What a launch of a group works on, but for what all launches share.</summary>
    /// <param name="group">One of <see cref="Groups"/>.</param>
    /// <param name="rows">How many of its tensors.</param>
    public DeviceModel Describe(DeviceRows.Group group, int rows)
    {
        DeviceModel model = _states.Describe(_updates[_rows.UpdateOf(group.FirstRow)].State);
        model.Tensors = _rows.Position(group.FirstRow);
        model.Uniforms = _uniformBuffer.Position + ((long)group.FirstRow * _rowLength * sizeof(float));
        model.UniformCount = _rowLength;
        model.TensorCount = rows;
        model.BlockCount = (uint)group.BlockCount;
        return model;
    }

    /// <summary>Counts the step.</summary>
    /// <param name="statesInUse">The states that it used: bit i for state i.</param>
    public void Commit(int statesInUse)
    {
        for (int i = 0; i < _count; i++)
        {
            _updates[i].State.Commit(_tensors[i].Step, statesInUse, Uniforms(_tensors[i].Row));
        }
    }

    public void Dispose()
    {
        _rows.Dispose();
        _uniformBuffer.Dispose();
        _partialBuffer.Dispose();
    }

    /// <summary>What the step's kernels do to gradients.</summary>
    private GradientTreatment Treatment =>
        (_options.NonFinite == NonFinitePolicy.Propagate ? GradientTreatment.Propagated : GradientTreatment.None)
        | (_settings.GradientScale == 1f ? GradientTreatment.None : GradientTreatment.Scaled);

    private LaunchKey KeyOf(TRule rule, in DeviceUpdate update, int step, GradientTreatment gradients) => new(
        rule.SelectVariant(step, update.State.UnusedStates), StateFormat.Of(_options, update.State), update.ParameterType, update.GradientType, gradients,
        _options.Rounding == ParameterRounding.Stochastic && update.ParameterType == ElementType.BFloat16 ? ParameterRounding.Stochastic : ParameterRounding.Nearest);

    /// <summary>Whether two tensors have the same values before the first phase, as most have, being at the same step.</summary>
    private bool HasSameHostValues(int tensor, int other) => _info.TensorStates.Count == 0
        && _tensors[tensor].Step == _tensors[other].Step
        && _rows.KeyOf(_tensors[tensor].Row).Variant == _rows.KeyOf(_tensors[other].Row).Variant
        && _updates[tensor].State.UnusedStates == _updates[other].State.UnusedStates;

    /// <summary>Computes what the row of a tensor ends with.</summary>
    private void FillStepValues(int tensor)
    {
        (int step, int row, _) = _tensors[tensor];
        Span<float> values = _uniforms.AsSpan(((row + 1) * _rowLength) - DeviceStepValue.Count, DeviceStepValue.Count);
        values[DeviceStepValue.GradientScale] = _settings.GradientScale;

        // As bits: some of them are NaN to a float, and must stay which.
        Span<uint> bits = MemoryMarshal.Cast<float, uint>(values);
        ulong key = RoundingKey.Of(_settings.RoundingSeed, _updates[tensor].State.NameHash, step);
        bits[DeviceStepValue.LowerKey] = (uint)key;
        bits[DeviceStepValue.UpperKey] = (uint)(key >> 32);
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
