using System.Runtime.InteropServices;
using Requant.CompilerServices;
using Requant.Numerics.Matrices;

namespace Requant.Devices;

/// <summary>Where the values of the rows, columns and matrices of a step's tensors are on a device, and the table by
/// which kernels find them; written only when it has changed.</summary>
internal sealed class DeviceLineTable : IDisposable
{
    private readonly IKernelDevice _device;
    private readonly RuleInfo _info;
    private readonly bool[] _isHanded;
    private readonly List<(long Copy, long State, long Bytes)> _handed = [];
    private readonly DeviceBuffer _table;
    private readonly DeviceBuffer _values;
    private readonly DeviceBuffer _matrices;
    private readonly DeviceBuffer _skips;
    private long[] _rows = [];
    private long[] _uploaded = [];
    private int[] _skipped = [];
    private int _uploadedLength;
    private int _length;
    private bool _isNew = true;

    /// <param name="device">The device.</param>
    /// <param name="info">The rule, one of rows, columns or matrices.</param>
    public DeviceLineTable(IKernelDevice device, RuleInfo info)
    {
        _device = device;
        _info = info;
        _isHanded = info.FindHandedStates();
        _table = new DeviceBuffer(device);
        _values = new DeviceBuffer(device);
        _matrices = new DeviceBuffer(device);
        _skips = new DeviceBuffer(device);
        FirstPartials = info.RowValues.Count + info.ColumnValues.Count + info.Matrices.Count;
        FirstStates = FirstPartials + (2 * info.Reductions.Count);
        RowLength = DeviceLineField.Count + FirstStates + (2 * (info.States.Count - info.ElementStates));
    }

    /// <summary>Numbers of a tensor.</summary>
    public int RowLength { get; }

    /// <summary>Number of the first reduction's partial results for <see cref="DeviceTensor.Values"/>.</summary>
    public int FirstPartials { get; }

    /// <summary>Number of the first row or column state's new values.</summary>
    public int FirstStates { get; }

    /// <summary>Positions of what it keeps, and their names, for measurements.</summary>
    public IEnumerable<(string Name, long Position)> Memory =>
    [
        ("lines", _table.Position), ("line values", _values.Position), ("matrices", _matrices.Position),
        ("skips", _skips.Position),
    ];

    /// <summary>Whether the device has another table than the present one.</summary>
    public bool IsChanged =>
        _isNew || _length != _uploadedLength || !Present.SequenceEqual(_uploaded.AsSpan(0, _length));

    private Span<long> Present => _rows.AsSpan(0, _length);

    /// <summary>Position of a tensor's row.</summary>
    public long Position(int row) => _table.Position + ((long)row * RowLength * sizeof(long));

    /// <summary>Rows, columns or strips of a group's tensors.</summary>
    /// <param name="group">The group.</param>
    /// <param name="field">The field of <see cref="DeviceLineField"/> that counts them.</param>
    public long Count(TensorTable.Group group, int field) =>
        _rows[((group.FirstRow + group.AllRows - 1) * RowLength) + field];

    /// <summary>Position of what says whether the tensor of a row is updated.</summary>
    public long SkipPosition(int row) => _skips.Position + ((long)row * sizeof(int));

    /// <summary>Position of a matrix of the tensor whose turn it is.</summary>
    public long Matrix(ParameterState tensor, int matrix) =>
        _matrices.Position + (matrix * tensor.Length * sizeof(float));

    /// <summary>Whether there is memory for some tensors.</summary>
    /// <param name="floats">From <see cref="Measure"/>, for all of them.</param>
    /// <param name="matrixFloats">The most that one needs.</param>
    public bool Holds(long floats, long matrixFloats) =>
        _values.Holds(floats * sizeof(float)) && _matrices.Holds(matrixFloats * sizeof(float));

    /// <summary>Floats that a tensor needs for values of its rows and columns, and those that it needs for
    /// matrices.</summary>
    public (long Values, long Matrices) Measure(ParameterState tensor, int variant) =>
        !_info.NeedsLines(variant) ? (0, 0)
        : ((Count(_info.RowValues) * tensor.Rows) + (Count(_info.ColumnValues) * tensor.Columns)
                + _info.Reductions.Sum(reduction => PartialsOf(reduction, tensor)),
            _info.HasMatrices(variant) ? _info.Matrices.Count * tensor.Length : 0);

    /// <summary>Makes the table of a step, on the host.</summary>
    /// <param name="rows">The tensors of the step in the order of their rows, and their variants.</param>
    /// <param name="groups">Its launches.</param>
    public void Fill(ReadOnlySpan<(ParameterState State, int Variant)> rows, IReadOnlyList<TensorTable.Group> groups)
    {
        (long floats, long matrixFloats) = (0, 0);
        foreach ((ParameterState state, int variant) in rows)
        {
            (long own, long ownMatrices) = Measure(state, variant);
            floats += own;
            matrixFloats = Math.Max(matrixFloats, ownMatrices);
        }

        _length = rows.Length * RowLength;
        if (_rows.Length < _length)
        {
            _rows = new long[_length];
            _uploaded = new long[_length];
            _uploadedLength = 0;
        }

        _values.Reserve(floats * sizeof(float));
        _matrices.Reserve(matrixFloats * sizeof(float));
        _skips.Reserve((long)rows.Length * sizeof(int));
        _isNew |= _table.Reserve((long)_length * sizeof(long));
        long free = _values.Position;
        _handed.Clear();
        foreach (TensorTable.Group group in groups)
        {
            (long Rows, long Columns, long Strips) ends = default;
            for (int row = group.FirstRow; row < group.FirstRow + group.AllRows; row++)
            {
                Fill(row, rows[row].State, rows[row].Variant, ref ends, ref free);
            }
        }
    }

    /// <summary>Writes the table unless it is there.</summary>
    public void Write()
    {
        if (IsChanged)
        {
            _uploadedLength = 0;
            _device.Write(_table.Position, MemoryMarshal.AsBytes(Present));
            Present.CopyTo(_uploaded);
            _uploadedLength = _length;
            _isNew = false;
        }
    }

    /// <summary>Says that all tensors are updated, before a step, and copies the states that others take.</summary>
    public void BeginStep()
    {
        _device.Fill(_skips.Position, (long)(_length / RowLength) * sizeof(int), 0);
        foreach ((long copy, long state, long bytes) in _handed)
        {
            _device.Copy(copy, state, bytes);
        }
    }

    /// <summary>Which tensors were not updated: not 0 at their rows. Waits for the device.</summary>
    public ReadOnlySpan<int> ReadSkips()
    {
        int count = _length / RowLength;
        if (_skipped.Length < count)
        {
            _skipped = new int[count];
        }

        _device.Read(MemoryMarshal.AsBytes(_skipped.AsSpan(0, count)), _skips.Position);
        return _skipped.AsSpan(0, count);
    }

    public void Dispose()
    {
        _table.Dispose();
        _values.Dispose();
        _matrices.Dispose();
        _skips.Dispose();
    }

    private void Fill(
        int row, ParameterState tensor, int variant, ref (long Rows, long Columns, long Strips) ends, ref long free)
    {
        Span<long> fields = _rows.AsSpan(row * RowLength, RowLength);
        fields.Clear();
        fields[DeviceLineField.Skipped] = _skips.Position + ((long)row * sizeof(int));

        // A tensor without values of rows has no rows.
        if (_info.NeedsLines(variant))
        {
            fields[DeviceLineField.Rows] = tensor.Rows;
            fields[DeviceLineField.Columns] = tensor.Columns;
            ends.Rows += tensor.Rows;
            ends.Columns += tensor.Columns;
            ends.Strips += BandsOf(tensor) * ((tensor.Columns + DeviceGrid.WarpSize - 1) / DeviceGrid.WarpSize);
            Place(fields[DeviceLineField.Count..], tensor, ref free);
        }

        fields[DeviceLineField.RowEnd] = ends.Rows;
        fields[DeviceLineField.ColumnEnd] = ends.Columns;
        fields[DeviceLineField.StripEnd] = ends.Strips;
    }

    private void Place(Span<long> fields, ParameterState tensor, ref long free)
    {
        int rows = _info.RowValues.Count;
        int columns = _info.ColumnValues.Count;
        PlaceValues(fields[..rows], _info.RowValues, tensor, tensor.Rows, ref free);
        PlaceValues(fields.Slice(rows, columns), _info.ColumnValues, tensor, tensor.Columns, ref free);
        for (int matrix = 0; matrix < _info.Matrices.Count; matrix++)
        {
            fields[rows + columns + matrix] = Matrix(tensor, matrix);
        }

        for (int i = 0; i < _info.Reductions.Count; i++)
        {
            ReductionInfo reduction = _info.Reductions[i];
            fields[FirstPartials + (2 * i)] = free;
            free += PartialsOf(reduction, tensor) * sizeof(float);
            StateLevel ofValues = reduction.Over == StateLevel.Element ? reduction.Into : reduction.Over;
            fields[FirstPartials + (2 * i) + 1] = reduction.Slot < 0
                ? 0
                : fields[(ofValues == StateLevel.Row ? 0 : rows) + reduction.Slot];
        }

        for (int state = _info.ElementStates; state < _info.States.Count; state++)
        {
            StateInfo one = _info.States[state];
            int number = FirstStates + (2 * (state - _info.ElementStates));
            fields[number] = fields[(one.Level == StateLevel.Row ? 0 : rows) + one.NewValue];
            fields[number + 1] = MemoryOf(tensor, state);
        }
    }

    private void PlaceValues(
        Span<long> fields, IReadOnlyList<LineValueInfo> values, ParameterState tensor, long count, ref long free)
    {
        for (int i = 0; i < fields.Length; i++)
        {
            long memory = values[i].State < 0 ? 0 : MemoryOf(tensor, values[i].State);
            if (!IsInScratch(values[i]))
            {
                fields[i] = memory;
                continue;
            }

            fields[i] = free;
            free += count * sizeof(float);
            if (memory != 0 && count > 0)
            {
                _handed.Add((fields[i], memory, count * sizeof(float)));
            }
        }
    }

    private static long MemoryOf(ParameterState tensor, int state) =>
        tensor.States[state].IsAllocated && tensor.States[state].Storage is DeviceStateStorage storage
            ? storage.ValuesPosition
            : 0;

    private long Count(IReadOnlyList<LineValueInfo> values) => values.Count(IsInScratch);

    private bool IsInScratch(LineValueInfo value) => value.State < 0 || _isHanded[value.State];

    private static long BandsOf(ParameterState tensor) =>
        (tensor.Rows + LineMemory.BandRows - 1) / LineMemory.BandRows;

    private static long PartialsOf(ReductionInfo reduction, ParameterState tensor) => reduction.Over switch
    {
        StateLevel.Row => BlockSizes.Count(tensor.Rows, DeviceReduction.SlotCount),
        StateLevel.Column => BlockSizes.Count(tensor.Columns, DeviceReduction.SlotCount),
        _ => reduction.Into switch
        {
            StateLevel.Row => tensor.BlockCount + tensor.Rows,
            StateLevel.Column => BandsOf(tensor) * tensor.Columns,
            _ => 0,
        },
    };
}
