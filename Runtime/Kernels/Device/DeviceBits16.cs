using System.Runtime.CompilerServices;

namespace Requant.CompilerServices;

/// <summary>Elements of 16 bits, whatever they mean.</summary>
internal static class DeviceBits16
{
    private const int Half = Float32x8.Half * sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Load(DeviceElements elements, long index) =>
        DeviceMemory.Load<ushort>(elements.Memory, elements.Position + (index * sizeof(ushort)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(DeviceElements elements, long index, ushort bits) =>
        DeviceMemory.Store(elements.Memory, elements.Position + (index * sizeof(ushort)), bits);

    /// <summary>The lower four elements of this lane in a whole block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DevicePair LoadFour(DeviceElements elements, uint block) =>
        DeviceMemory.Load<DevicePair>(elements.Memory, Float32x8.At(elements.Position, block, sizeof(ushort)));

    /// <summary>The upper four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DevicePair LoadUpperFour(DeviceElements elements, uint block) =>
        DeviceMemory.Load<DevicePair>(elements.Memory, Float32x8.At(elements.Position, block, sizeof(ushort)) + Half);

    /// <summary>Stores the lower four elements, each in the low half of a number whose high half is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreFour(DeviceElements elements, uint block, uint x, uint y, uint z, uint w) =>
        StoreFour(elements, block, x | (y << 16), z | (w << 16));

    /// <summary>Stores the lower four elements, two in each number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreFour(DeviceElements elements, uint block, uint low, uint high) => DeviceMemory.Store(
        elements.Memory, Float32x8.At(elements.Position, block, sizeof(ushort)), new DevicePair { X = low, Y = high });

    /// <summary>Stores the upper four elements, each in the low half of a number whose high half is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreUpperFour(DeviceElements elements, uint block, uint x, uint y, uint z, uint w) =>
        StoreUpperFour(elements, block, x | (y << 16), z | (w << 16));

    /// <summary>Stores the upper four elements, two in each number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreUpperFour(DeviceElements elements, uint block, uint low, uint high) => DeviceMemory.Store(
        elements.Memory, Float32x8.At(elements.Position, block, sizeof(ushort)) + Half,
        new DevicePair { X = low, Y = high });
}
