using System.Runtime.InteropServices;
using Requant.CompilerServices;
using Requant.States;

namespace Requant.Devices;

/// <summary>The states of a rule in a device's memory, and the tables of their codecs.</summary>
internal sealed class DeviceStates(IKernelDevice device) : IDisposable
{
    private readonly Dictionary<Codec, DeviceAllocation> _tables = [];

    /// <summary>Positions of tables, and their names.</summary>
    public IEnumerable<(string Name, long Position)> Memory =>
        _tables.Select(table => ($"table of {table.Key}", table.Value.Position));

    public StateStorage CreateStorage(
        StateInfo state, int blockSize, bool quantized, long length, IStateAllocator? allocator)
    {
        if (!quantized)
        {
            return DeviceStateStorage.CreateFloat32(device, state, length, allocator);
        }

        if (HasTable(state.Codec) && !_tables.ContainsKey(state.Codec))
        {
            _tables.Add(state.Codec, CreateTable(state.Codec));
        }

        return DeviceStateStorage.CreateQuantized(device, state, blockSize, length, allocator);
    }

    public StateStorage CreateRemainder(long length, IStateAllocator? allocator) =>
        DeviceStateStorage.CreateRemainder(device, length, allocator);

    /// <summary>What kernels need to know of the states of a launch's tensors, which are alike.</summary>
    /// <param name="tensor">One of them.</param>
    public LaunchParameters Describe(ParameterState tensor) => new()
    {
        BlockSize = tensor.BlockSize,
        Table0 = Table(tensor, 0),
        Table1 = Table(tensor, 1),
        Table2 = Table(tensor, 2),
        Table3 = Table(tensor, 3),
    };

    /// <summary>Fills a row's fields of states.</summary>
    /// <param name="fields">The fields.</param>
    /// <param name="tensor">The tensor.</param>
    /// <returns>Whether vectors of elements may begin where the states do.</returns>
    public static bool Fill(Span<long> fields, ParameterState tensor)
    {
        bool isAligned = true;
        for (int i = 0; i < tensor.States.Count && tensor.States[i].Level == StateLevel.Element; i++)
        {
            QuantizedState state = tensor.States[i];
            Span<long> own = fields.Slice(i * DeviceStateField.Count, DeviceStateField.Count);
            // Those on the host are none that kernels here could see.
            if (state.IsAllocated && state.Storage is DeviceStateStorage storage)
            {
                own[DeviceStateField.Values] = storage.ValuesPosition;
                own[DeviceStateField.Absmax] = storage.AbsmaxPosition;
                isAligned &= TensorTable.IsAligned(
                    storage.ValuesPosition, state.IsQuantized ? sizeof(byte) : sizeof(float));
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
        state < tensor.States.Count && tensor.States[state].Level == StateLevel.Element
        && _tables.TryGetValue(tensor.States[state].Codec, out DeviceAllocation? table)
            ? table.Position
            : 0;

    private static bool HasTable(Codec codec) => codec is not (Codec.MiniFloat or Codec.MiniFloatUnsigned);
}
