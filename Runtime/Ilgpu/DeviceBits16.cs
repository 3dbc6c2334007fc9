using System.Runtime.CompilerServices;

namespace Requant.Ilgpu;

/// <summary>Elements of 16 bits, whatever they mean.</summary>
internal static class DeviceBits16
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Load(DeviceElements elements, long index) =>
        DeviceMemory.Load<ushort>(elements.Memory, elements.Position + (index * sizeof(ushort)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(DeviceElements elements, long index, ushort bits) =>
        DeviceMemory.Store(elements.Memory, elements.Position + (index * sizeof(ushort)), bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DevicePair LoadFour(DeviceElements elements, long first) =>
        DeviceMemory.Load<DevicePair>(elements.Memory, elements.Position + (first * sizeof(ushort)));

    /// <summary>Stores four elements, each in the low half of a number whose upper half is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreFour(DeviceElements elements, long first, uint x, uint y, uint z, uint w) =>
        StoreFour(elements, first, x | (y << 16), z | (w << 16));

    /// <summary>Stores four elements, two in each number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreFour(DeviceElements elements, long first, uint low, uint high) => DeviceMemory.Store(
        elements.Memory, elements.Position + (first * sizeof(ushort)), new DevicePair { X = low, Y = high });
}
