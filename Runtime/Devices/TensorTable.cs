using System.Runtime.InteropServices;
using Requant.CompilerServices;
using Requant.Numerics;

namespace Requant.Devices;

/// <summary>The table of a step's tensors in a device's memory, those of one launch in a row; written only when it has
/// changed.</summary>
internal sealed class TensorTable(IKernelDevice device) : IDisposable
{
    /// <summary>Addresses that vectors of eight elements need: 16 bytes for float32, less for what has fewer.</summary>
    private const int ElementsOfVector = 4;

    /// <summary>Values of <see cref="GradientTreatment"/>.</summary>
    private const int Treatments = 4;

    private readonly DeviceBuffer _buffer = new(device);
    private readonly List<(LaunchKey Key, long Blocks, int Tensor, bool IsAlone)> _order = [];
    private readonly List<Group> _groups = [];
    private long[] _rows = [];
    private long[] _uploaded = [];
    private int _uploadedLength;
    private bool _isNew = true;

    /// <summary>The launches of a phase.</summary>
    public IReadOnlyList<Group> Groups => _groups;

    public void Begin() => _order.Clear();

    /// <summary>Adds a tensor of the step.</summary>
    /// <param name="tensor">Its number.</param>
    /// <param name="key">What it has in common with others.</param>
    /// <param name="blocks">Its blocks.</param>
    /// <param name="isAlone">Whether it has launches of its own.</param>
    public void Add(int tensor, LaunchKey key, long blocks, bool isAlone = false) =>
        _order.Add((key, blocks, tensor, isAlone));

    /// <summary>Brings tensors of one launch together; those without elements come last of them, where no block finds
    /// them.</summary>
    public void Sort()
    {
        if (!IsSorted())
        {
            _order.Sort((x, y) => Compare(x, y));
        }

        _groups.Clear();
        for (int row = 0; row < _order.Count; row++)
        {
            if (IsFirst(row))
            {
                _groups.Add(new Group(_order[row].Key, row, 0, 0, 0, 0, _order[row].IsAlone));
            }

            Group group = _groups[^1];
            _groups[^1] = group with
            {
                RowCount = group.RowCount + (_order[row].Blocks > 0 ? 1 : 0),
                AllRows = group.AllRows + 1,
                BlockCount = group.BlockCount + _order[row].Blocks,
                MostBlocks = Math.Max(group.MostBlocks, _order[row].Blocks),
            };
            RequireNumbers(_groups[^1].BlockCount);
        }
    }

    /// <summary>Whether a row is the first of a launch.</summary>
    private bool IsFirst(int row) =>
        row == 0 || _order[row].IsAlone || _order[row - 1].IsAlone || _order[row].Key != _order[row - 1].Key;

    /// <summary>Tensors that all have one kernel come sorted, and most do.</summary>
    private bool IsSorted()
    {
        for (int row = 1; row < _order.Count; row++)
        {
            if (Compare(_order[row - 1], _order[row]) > 0)
            {
                return false;
            }
        }

        return true;
    }

    private static void RequireNumbers(long blocks)
    {
        if (blocks > LaunchParameters.MostBlocks)
        {
            throw new NotSupportedException(
                $"A step has more than {LaunchParameters.MostBlocks} blocks of one kernel on a device; give its "
                + "tensors to several steps, or their states larger blocks.");
        }
    }

    /// <summary>Which tensor of the step a row is of.</summary>
    public int TensorOf(int row) => _order[row].Tensor;

    /// <summary>Position of a row.</summary>
    public long Position(int row) => _buffer.Position + ((long)row * DeviceTensor.RowLength * sizeof(long));

    /// <summary>What the tensors of a row's launch have in common.</summary>
    public LaunchKey KeyOf(int row) => _order[row].Key;

    /// <summary>Whether the device has another table than the present one.</summary>
    public bool IsChanged => _isNew || Length != _uploadedLength || !Present.SequenceEqual(_uploaded.AsSpan(0, Length));

    /// <summary>Makes the table of a step, on the host.</summary>
    /// <param name="places">Where the step's tensors are.</param>
    /// <param name="partials">Position of partial results.</param>
    public void Fill(ReadOnlySpan<DevicePlace> places, long partials)
    {
        if (_rows.Length < Length)
        {
            _rows = new long[Length];
            _uploaded = new long[Length];
            _uploadedLength = 0;
        }

        _isNew |= _buffer.Reserve((long)Length * sizeof(long));
        long block = 0;
        for (int row = 0; row < _order.Count; row++)
        {
            ref readonly DevicePlace place = ref places[_order[row].Tensor];
            block = IsFirst(row) ? 0 : block;
            Span<long> fields = _rows.AsSpan(row * DeviceTensor.RowLength, DeviceTensor.RowLength);
            Fill(fields, place, block, partials + (place.FirstPartial * sizeof(float)));
            bool isAligned = DeviceStates.Fill(fields[DeviceTensorField.Count..], place.State)
                & FillRemainder(fields, place.State);
            fields[DeviceTensorField.WholeBlocks] = isAligned ? WholeBlocks(place) : 0;
            block += _order[row].Blocks;
        }
    }

    /// <summary>Writes the table unless it is there.</summary>
    public void Write()
    {
        if (IsChanged)
        {
            _uploadedLength = 0;
            device.Write(_buffer.Position, MemoryMarshal.AsBytes(Present));
            Present.CopyTo(_uploaded);
            _uploadedLength = Length;
            _isNew = false;
        }
    }

    public void Dispose() => _buffer.Dispose();

    private int Length => _order.Count * DeviceTensor.RowLength;

    private Span<long> Present => _rows.AsSpan(0, Length);

    private static void Fill(Span<long> row, in DevicePlace place, long firstBlock, long partials)
    {
        row.Clear();
        row[DeviceTensorField.FirstBlock] = firstBlock;
        row[DeviceTensorField.EndBlock] = firstBlock + place.State.BlockCount;
        row[DeviceTensorField.Length] = place.State.Length;
        row[DeviceTensorField.Parameter] = place.Parameter;
        row[DeviceTensorField.Gradient] = place.Gradient;
        row[DeviceTensorField.Partials] = partials;
    }

    /// <returns>Whether vectors may begin where the remainders do, if there are some.</returns>
    private static bool FillRemainder(Span<long> row, ParameterState state)
    {
        if (!state.HasRemainder || state.Remainder!.Storage is not DeviceStateStorage storage)
        {
            return true;
        }

        row[DeviceTensorField.Remainder] = storage.ValuesPosition;
        return IsAligned(storage.ValuesPosition, sizeof(short));
    }

    /// <summary>Blocks that can be taken as vectors if the states are aligned.</summary>
    private static long WholeBlocks(in DevicePlace place) =>
        place.State.BlockSize == Float32x8.BlockSize && IsAligned(place.Parameter, place.ParameterType.Size())
            && IsAligned(place.Gradient, place.GradientType.Size())
            ? Math.Min(place.State.Length / Float32x8.BlockSize, Float32x8.MostBlocks)
            : 0;

    /// <summary>Whether vectors of elements may begin there. Positions count from an address that is a multiple of
    /// every vector's size.</summary>
    public static bool IsAligned(long position, int elementBytes) => position % (ElementsOfVector * elementBytes) == 0;

    private static int Compare(
        (LaunchKey Key, long Blocks, int Tensor, bool IsAlone) x,
        (LaunchKey Key, long Blocks, int Tensor, bool IsAlone) y)
    {
        int order = NumberOf(x.Key).CompareTo(NumberOf(y.Key));
        order = order != 0 ? order : (x.Blocks == 0).CompareTo(y.Blocks == 0);
        return order != 0 ? order : x.Tensor.CompareTo(y.Tensor);
    }

    /// <summary>Orders the launches of a step, all of which store and round states and parameters alike.</summary>
    private static long NumberOf(LaunchKey key) =>
        (((((((long)key.Variant * 2) + (key.States.IsQuantized ? 1 : 0)) * ElementTypes.Count) + (int)key.ParameterType)
            * ElementTypes.Count)
        + (int)key.GradientType) * Treatments + (int)key.Gradients;

    /// <summary>The tensors of one launch.</summary>
    /// <param name="Key">What they have in common.</param>
    /// <param name="FirstRow">Row of the first one.</param>
    /// <param name="RowCount">Tensors with elements.</param>
    /// <param name="AllRows">Tensors, those without elements among them, which come last.</param>
    /// <param name="BlockCount">Blocks of all.</param>
    /// <param name="MostBlocks">Blocks of the longest.</param>
    /// <param name="IsAlone">Whether it is of one tensor, which takes its step apart from others.</param>
    public readonly record struct Group(
        LaunchKey Key, int FirstRow, int RowCount, int AllRows, long BlockCount, long MostBlocks, bool IsAlone)
    {
        /// <summary>Groups of threads that fold partial results before they are finished; 0 where every tensor has
        /// one chunk.</summary>
        public long Windows => MostBlocks > DeviceReduction.ChunkBlocks
            ? (BlockCount + DeviceReduction.ChunkBlocks - 1) / DeviceReduction.ChunkBlocks
            : 0;
    }
}
