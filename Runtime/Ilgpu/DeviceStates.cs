using System.Runtime.InteropServices;
using Requant.Quantization;

namespace Requant.Ilgpu;

/// <summary>The states of a rule in a device's memory, and the tables of their codecs.</summary>
internal sealed class DeviceStates(IKernelDevice device, RuleInfo info) : IDisposable
{
    private readonly Dictionary<Codec, DeviceAllocation> _tables = [];
    private readonly bool _hasTiles = BlockSizes.AreMixed(info.States);

    /// <summary>Positions of tables, and their names.</summary>
    public IEnumerable<(string Name, long Position)> Memory =>
        _tables.Select(table => ($"table of {table.Key}", table.Value.Position));

    public StateStorage CreateStorage(StateInfo state, bool quantized, long length)
    {
        if (!quantized)
        {
            return DeviceStateStorage.CreateFloat32(device, length);
        }

        if (HasTable(state.Codec) && !_tables.ContainsKey(state.Codec))
        {
            _tables.Add(state.Codec, CreateTable(state.Codec));
        }

        return DeviceStateStorage.CreateQuantized(device, Codebook.For(state.Codec).ZeroCode, state.BlockSize, length);
    }

    /// <summary>What kernels need to know of the states of a launch's tensors, which are alike.</summary>
    /// <param name="tensor">One of them.</param>
    public DeviceModel Describe(ParameterState tensor) => new()
    {
        BlockSize = tensor.BlockSize,
        SegmentSize = BlockSizes.OfSegment(tensor),
        Table0 = Table(tensor, 0),
        Table1 = Table(tensor, 1),
        Table2 = Table(tensor, 2),
        Table3 = Table(tensor, 3),
        BlockSize0 = BlockSize(tensor, 0),
        BlockSize1 = BlockSize(tensor, 1),
        BlockSize2 = BlockSize(tensor, 2),
        BlockSize3 = BlockSize(tensor, 3),
    };

    /// <summary>Bytes of scratch memory for the next absmax of tensors, where the rule has tiles: those of a launch are under way at the
    /// same time.</summary>
    public long NextAbsmaxBytes(ReadOnlySpan<DeviceUpdate> updates)
    {
        long blocks = 0;
        foreach (ref readonly DeviceUpdate update in updates)
        {
            blocks += _hasTiles ? BlocksOf(update.State) : 0;
        }

        return blocks * sizeof(float);
    }

    /// <summary>Fills a row's fields of states.</summary>
    /// <param name="fields">The fields.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="nextAbsmax">Position of its scratch memory; then of the next tensor's.</param>
    /// <returns>Whether vectors of elements may begin where the states do.</returns>
    public bool Fill(Span<long> fields, ParameterState tensor, ref long nextAbsmax)
    {
        bool isAligned = true;
        for (int i = 0; i < tensor.States.Count; i++)
        {
            QuantizedState state = tensor.States[i];
            Span<long> own = fields.Slice(i * DeviceStateField.Count, DeviceStateField.Count);
            if (state.IsAllocated)
            {
                var storage = (DeviceStateStorage)state.Storage;
                own[DeviceStateField.Values] = storage.ValuesPosition;
                own[DeviceStateField.Absmax] = storage.AbsmaxPosition;
                isAligned &= DeviceRows.IsAligned(storage.ValuesPosition, state.IsQuantized ? sizeof(byte) : sizeof(float));
            }

            if (_hasTiles && state.IsQuantized)
            {
                own[DeviceStateField.NextAbsmax] = nextAbsmax;
                nextAbsmax += state.BlockCount * sizeof(float);
            }
        }

        return isAligned;
    }

    public void Dispose()
    {
        foreach (DeviceAllocation table in _tables.Values)
        {
            table.Dispose();
        }
    }

    /// <summary>A table that could not be written is none: whoever adds the next tensor tries again.</summary>
    private DeviceAllocation CreateTable(Codec codec)
    {
        ReadOnlySpan<byte> table = MemoryMarshal.AsBytes<int>(DeviceTables.For(codec));
        DeviceAllocation memory = device.Allocate(table.Length);
        try
        {
            device.Write(memory.Position, table);
            return memory;
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    private long Table(ParameterState tensor, int state) =>
        state < tensor.States.Count && _tables.TryGetValue(tensor.States[state].Codec, out DeviceAllocation? table) ? table.Position : 0;

    private static bool HasTable(Codec codec) => codec is not (Codec.MiniFloat or Codec.MiniFloatUnsigned);

    private static long BlocksOf(ParameterState tensor)
    {
        long blocks = 0;
        for (int i = 0; i < tensor.States.Count; i++)
        {
            blocks += tensor.States[i].IsQuantized ? tensor.States[i].BlockCount : 0;
        }

        return blocks;
    }

    private static int BlockSize(ParameterState tensor, int index) =>
        index < tensor.States.Count && tensor.States[index].IsQuantized ? tensor.States[index].BlockSize : tensor.BlockSize;
}
