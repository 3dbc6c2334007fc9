using System.Runtime.InteropServices;
using Requant.States;

namespace Requant.Devices;

/// <summary>A state in the memory of a device; reads wait for its work.</summary>
internal sealed class DeviceStateStorage : StateStorage
{
    private readonly IKernelDevice _device;
    private readonly DeviceAllocation _values;
    private readonly DeviceAllocation _absmax;
    private readonly byte _zeroCode;

    private DeviceStateStorage(
        IKernelDevice device, Func<DeviceAllocation> allocateValues, Func<DeviceAllocation> allocateAbsmax,
        byte zeroCode)
    {
        _device = device;
        _zeroCode = zeroCode;
        _values = allocateValues();
        _absmax = DeviceAllocation.Empty;
        try
        {
            _absmax = allocateAbsmax();
            Clear();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Position of uint8[n], the codes, of float32[n], or of int16[n], the remainders.</summary>
    public long ValuesPosition => _values.Position;

    /// <summary>Position of float32[ceil(n / block size)]; 0 for a state that is not quantized.</summary>
    public long AbsmaxPosition => _absmax.Position;

    public static DeviceStateStorage CreateQuantized(
        IKernelDevice device, StateInfo state, int blockSize, long length, IStateAllocator? allocator)
    {
        byte zeroCode = Codebook.For(state.Codec).ZeroCode;
        return new DeviceStateStorage(
            device,
            () => Allocate(device, allocator, state.Name, StateMemoryKind.Codes, length, sizeof(byte), zeroCode),
            () => Allocate(
                device, allocator, state.Name, StateMemoryKind.Absmax, BlockSizes.Count(length, blockSize),
                sizeof(float), 0),
            zeroCode);
    }

    public static DeviceStateStorage CreateFloat32(
        IKernelDevice device, StateInfo state, long length, IStateAllocator? allocator) => new(
        device,
        () => Allocate(device, allocator, state.Name, StateMemoryKind.Values, length, sizeof(float), 0),
        () => DeviceAllocation.Empty,
        0);

    /// <summary>Remainders, as the bytes of codes.</summary>
    public static DeviceStateStorage CreateRemainder(IKernelDevice device, long length, IStateAllocator? allocator) =>
        new(
            device,
            () => Allocate(device, allocator, Remainder.Name, StateMemoryKind.Remainder, length, sizeof(short), 0),
            () => DeviceAllocation.Empty,
            0);

    public override ReadOnlySpan<byte> ReadCodes(long start, int count) => Read<byte>(_values, start, count);

    public override ReadOnlySpan<float> ReadAbsmax(long start, int count) => Read<float>(_absmax, start, count);

    public override ReadOnlySpan<float> ReadValues(long start, int count) => Read<float>(_values, start, count);

    public override void WriteCodes(long start, ReadOnlySpan<byte> codes) => Write(_values, start, codes);

    public override void WriteAbsmax(long start, ReadOnlySpan<float> absmax) => Write(_absmax, start, absmax);

    public override void WriteValues(long start, ReadOnlySpan<float> values) => Write(_values, start, values);

    public override void Clear()
    {
        _device.Fill(_values.Position, _values.Bytes, _zeroCode);
        _device.Fill(_absmax.Position, _absmax.Bytes, 0);
    }

    public override void Dispose()
    {
        _values.Dispose();
        _absmax.Dispose();
    }

    private static DeviceAllocation Allocate(
        IKernelDevice device, IStateAllocator? allocator, string state, StateMemoryKind kind, long count,
        int elementBytes, byte fill) =>
        allocator is null
            ? device.Allocate(count * elementBytes)
            : device.Adopt(allocator.Allocate(state, kind, count, fill), count * elementBytes);

    private T[] Read<T>(DeviceAllocation memory, long start, int count)
        where T : unmanaged
    {
        var copy = new T[count];
        _device.Read(MemoryMarshal.AsBytes(copy.AsSpan()), memory.Position + (start * Marshal.SizeOf<T>()));
        return copy;
    }

    private void Write<T>(DeviceAllocation memory, long start, ReadOnlySpan<T> source)
        where T : unmanaged =>
        _device.Write(memory.Position + (start * Marshal.SizeOf<T>()), MemoryMarshal.AsBytes(source));
}
