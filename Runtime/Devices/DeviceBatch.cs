using System.Runtime.InteropServices;
using Requant.CompilerServices;
using Requant.Steps;

namespace Requant.Devices;

/// <summary>The tensors of one step on a device, and the memory that its launches use. A captured step keeps its own,
/// so that later steps do not change what a graph reads.</summary>
/// <typeparam name="TRule">The generated rule.</typeparam>
internal sealed class DeviceBatch<TRule> : IDisposable
    where TRule : IOptimizerRule<TRule>
{
    private readonly RuleInfo _info = RuleInfo.Of<TRule>();
    private readonly IKernelDevice _device;
    private readonly DeviceStates _states;
    private readonly TensorTable _rows;
    private readonly DeviceBuffer _uniformBuffer;
    private readonly DeviceBuffer _partialBuffer;
    private readonly int _planned;
    private readonly int _rowLength;
    private DevicePlace[] _places = [];
    private float[] _uniforms = [];
    private float[] _partials = [];
    private int _count;

    /// <param name="device">The device.</param>
    /// <param name="states">The rule's states on it.</param>
    /// <param name="hasLines">Whether kernels of a rule that sees rows, columns or matrices run on the device.</param>
    public DeviceBatch(IKernelDevice device, DeviceStates states, bool hasLines)
    {
        Lines = hasLines ? new DeviceLineTable(device, _info) : null;
        _device = device;
        _states = states;
        _rows = new TensorTable(device);
        _uniformBuffer = new DeviceBuffer(device);
        _partialBuffer = new DeviceBuffer(device);
        _planned = _info.UniformCount + _info.Reductions.Count;
        _rowLength = _planned + DeviceStepValue.Count;
    }

    /// <summary>Positions of what it keeps, and their names, for measurements.</summary>
    public IEnumerable<(string Name, long Position)> Memory =>
    [
        ("tensors", _rows.Position(0)), ("uniforms", _uniformBuffer.Position), ("partials", _partialBuffer.Position),
        .. Lines?.Memory ?? [],
    ];

    /// <summary>Where values of rows, columns and matrices are; null for other rules.</summary>
    public DeviceLineTable? Lines { get; }

    /// <summary>The step; null before the first one.</summary>
    public StepPlan<TRule>? Plan { get; private set; }

    /// <summary>The launches of a phase.</summary>
    public IReadOnlyList<TensorTable.Group> Groups => _rows.Groups;

    /// <summary>Whether the table of tensors would have to be written.</summary>
    public bool IsChanged => _rows.IsChanged || Lines is { IsChanged: true };

    /// <summary>Row of a tensor of the step.</summary>
    public int RowOf(int tensor) => _places[tensor].Row;

    /// <summary>Takes the tensors of a step. Nothing is written to the device, and memory is made only where there is
    /// not enough.</summary>
    public void Prepare(StepPlan<TRule> plan)
    {
        if (ReferenceEquals(plan, Plan) && plan.IsRepetition && plan.Count == _count)
        {
            for (int i = 0; i < _count; i++)
            {
                FillRow(i);
            }

            return;
        }

        Plan = plan;
        _count = plan.Count;
        Grow(ref _places, _count);
        Grow(ref _uniforms, _count * _rowLength);
        long partials = 0;
        _rows.Begin();
        for (int i = 0; i < _count; i++)
        {
            ref readonly PlannedTensor<TRule> planned = ref plan[i];
            _rows.Add(
                i, KeyOf(planned, TreatmentOf(planned)), planned.State.BlockCount,
                _info.HasMatrices(planned.Variant));
            _places[i] = new DevicePlace(
                planned.State, _device.PositionOf(planned.Parameter), _device.PositionOf(planned.Gradient),
                planned.ParameterType,
                planned.GradientType, partials);
            partials += planned.State.BlockCount * _info.Reductions.Count;
        }

        _partialBuffer.Reserve(partials * sizeof(float));
        _uniformBuffer.Reserve((long)_count * _rowLength * sizeof(float));
        _rows.Sort();
        for (int row = 0; row < _count; row++)
        {
            int tensor = _rows.TensorOf(row);
            _places[tensor] = _places[tensor] with { Row = row };
            FillRow(tensor);
        }

        _rows.Fill(_places.AsSpan(0, _count), _partialBuffer.Position);
        if (Lines is not null)
        {
            var lines = new (ParameterState, int)[_count];
            for (int row = 0; row < _count; row++)
            {
                ref readonly PlannedTensor<TRule> planned = ref plan[_rows.TensorOf(row)];
                lines[row] = (planned.State, planned.Variant);
            }

            Lines.Fill(lines, Groups);
        }
    }

    /// <summary>Whether <see cref="Prepare"/> would do without new memory: the last step was of as
    /// many tensors.</summary>
    public bool IsCapacityFor(StepPlan<TRule> plan)
    {
        (long partials, long lines, long matrices) = (0, 0, 0);
        for (int i = 0; i < plan.Count; i++)
        {
            partials += plan[i].State.BlockCount * _info.Reductions.Count;
            (long own, long ownMatrices) = Lines?.Measure(plan[i].State, plan[i].Variant) ?? default;
            lines += own;
            matrices = Math.Max(matrices, ownMatrices);
        }

        return plan.Count == _count && _partialBuffer.Holds(partials * sizeof(float))
            && (Lines is null || Lines.Holds(lines, matrices));
    }

    /// <summary>Takes the next step of the tensors that are here, as it is planned.</summary>
    /// <exception cref="InvalidOperationException">It needs other kernels than the last one.</exception>
    public void PrepareAgain()
    {
        for (int i = 0; i < _count; i++)
        {
            ref readonly PlannedTensor<TRule> planned = ref Plan![i];
            LaunchKey captured = _rows.KeyOf(_places[i].Row);

            // A kernel that scales takes a scale of 1, too. How often a polynomial is applied is a number of launches.
            if (KeyOf(planned, TreatmentOf(planned) | (captured.Gradients & GradientTreatment.Scaled)) != captured
                || HasOtherPasses(i))
            {
                throw new InvalidOperationException(
                    $"Step {planned.Step} of '{planned.State.Name}' needs another kernel of rule {_info.Name} than the "
                    + "captured step: its hyperparameters, the step or a gradient scale have changed a condition. "
                    + "Capture again.");
            }

            FillRow(i);
        }
    }

    public void WriteRows()
    {
        _rows.Write();
        Lines?.Write();
    }

    public void WriteUniforms() =>
        _device.Write(_uniformBuffer.Position, MemoryMarshal.AsBytes(_uniforms.AsSpan(0, _count * _rowLength)));

    /// <summary>Brings what became known on the device to the plan.</summary>
    public void ReadUniforms()
    {
        _device.Read(MemoryMarshal.AsBytes(_uniforms.AsSpan(0, _count * _rowLength)), _uniformBuffer.Position);
        for (int i = 0; i < _count; i++)
        {
            Row(i)[.._planned].CopyTo(Plan!.Row(i));
        }
    }

    /// <summary>Computes on the host what becomes known after a phase, from its partial results.</summary>
    public unsafe void FinishOnHost(int phase)
    {
        int count = _count == 0 ? 0 : checked((int)(_places[_count - 1].FirstPartial
            + (_places[_count - 1].State.BlockCount * _info.Reductions.Count)));
        Grow(ref _partials, count);
        _device.Read(MemoryMarshal.AsBytes(_partials.AsSpan(0, count)), _partialBuffer.Position);
        fixed (float* partials = _partials)
        {
            for (int i = 0; i < _count; i++)
            {
                Plan!.FinishPhase(i, phase, partials + _places[i].FirstPartial);
                Plan.Row(i).CopyTo(Row(i));
            }
        }
    }

    /// <summary>Computes on the host what becomes known before a phase, from results that the device has finished.
    /// Waits for them.</summary>
    /// <param name="groups">The tensors.</param>
    /// <param name="phase">The phase.</param>
    public void ComputeOnHost(ReadOnlySpan<TensorTable.Group> groups, int phase)
    {
        ReadUniforms();
        foreach (TensorTable.Group group in groups)
        {
            for (int row = group.FirstRow; row < group.FirstRow + group.AllRows; row++)
            {
                int tensor = _rows.TensorOf(row);
                Plan!.ComputeUniforms(tensor, phase);
                Plan.Row(tensor).CopyTo(Row(tensor));
            }
        }

        WriteUniforms();
    }

    /// <summary>Says in the plan which tensors were not updated. Waits for the device.</summary>
    public void ReadSkips()
    {
        ReadOnlySpan<int> skips = Lines!.ReadSkips();
        for (int row = 0; row < _count; row++)
        {
            if (skips[row] != 0)
            {
                Plan!.Skip(_rows.TensorOf(row));
            }
        }
    }

    /// <summary>The state of the tensor of a row.</summary>
    public ParameterState StateOf(int row) => _places[_rows.TensorOf(row)].State;

    /// <summary>A value that the host has computed for the tensor of a row.</summary>
    public float Uniform(int row, int slot) => _uniforms[(row * _rowLength) + slot];

    /// <summary>Position of the result of a reduction of the tensor of a row.</summary>
    public long ResultPosition(int row, int reduction) =>
        _uniformBuffer.Position + ((((long)row * _rowLength) + _info.UniformCount + reduction) * sizeof(float));

    /// <summary>What a launch of a group works on, but for what all launches share.</summary>
    /// <param name="group">One of <see cref="Groups"/>.</param>
    /// <param name="rows">How many of its tensors.</param>
    public LaunchParameters Describe(TensorTable.Group group, int rows)
    {
        LaunchParameters launch = _states.Describe(_places[_rows.TensorOf(group.FirstRow)].State);
        launch.Tensors = _rows.Position(group.FirstRow);
        launch.Uniforms = _uniformBuffer.Position + ((long)group.FirstRow * _rowLength * sizeof(float));
        launch.UniformCount = _rowLength;
        launch.TensorCount = rows;
        launch.BlockCount = (uint)group.BlockCount;
        if (Lines is not null)
        {
            launch.Lines = Lines.Position(group.FirstRow);
            launch.LineRowLength = Lines.RowLength;
        }

        return launch;
    }

    public void Dispose()
    {
        _rows.Dispose();
        _uniformBuffer.Dispose();
        _partialBuffer.Dispose();
        Lines?.Dispose();
    }

    private bool HasOtherPasses(int tensor)
    {
        bool hasOther = false;
        foreach (MatrixInfo matrix in _info.Matrices)
        {
            hasOther |= Lines is not null && (matrix.Variants & (1 << Plan![tensor].Variant)) != 0
                && Plan.Uniforms(tensor)[matrix.Steps] != Row(tensor)[matrix.Steps];
        }

        return hasOther;
    }

    private GradientTreatment TreatmentOf(in PlannedTensor<TRule> planned) =>
        (Plan!.PropagatesNonFinite ? GradientTreatment.Propagated : GradientTreatment.None)
        | (planned.GradientScale == 1f ? GradientTreatment.None : GradientTreatment.Scaled);

    private static LaunchKey KeyOf(in PlannedTensor<TRule> planned, GradientTreatment gradients) => new(
        planned.Variant, planned.Format, planned.ParameterType, planned.GradientType, gradients, planned.Storage);

    /// <summary>Fills the row of a tensor: the plan's values, then those of <see cref="DeviceStepValue"/>.</summary>
    private void FillRow(int tensor)
    {
        ref readonly PlannedTensor<TRule> planned = ref Plan![tensor];
        Plan.Row(tensor).CopyTo(Row(tensor));
        Span<float> values = Row(tensor)[_planned..];
        values[DeviceStepValue.GradientScale] = planned.GradientScale;

        // As bits: some of them are NaN to a float, and must stay which.
        Span<uint> bits = MemoryMarshal.Cast<float, uint>(values);
        bits[DeviceStepValue.LowerKey] = (uint)planned.RoundingKey;
        bits[DeviceStepValue.UpperKey] = (uint)(planned.RoundingKey >> 32);
    }

    private Span<float> Row(int tensor) => _uniforms.AsSpan(_places[tensor].Row * _rowLength, _rowLength);

    private static void Grow<T>(ref T[] array, int length)
    {
        if (array.Length < length)
        {
            array = new T[length];
        }
    }
}
