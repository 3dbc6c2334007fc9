using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime.Cuda;
using Requant.Cpu;

namespace Requant.Ilgpu;

/// <summary>How generated ILGPU kernels read and write elements of a parameter or gradient. Implementations are empty
/// structs, so that each kernel is compiled for the types of its elements.</summary>
public interface IDeviceElementType
{
    /// <summary>One element as float32; exact.</summary>
    /// <param name="elements">n elements of this type.</param>
    /// <param name="index">From 0 to n - 1.</param>
    static abstract float Load(DeviceElements elements, long index);

    /// <summary>Rounds to nearest, ties to even, and stores.</summary>
    /// <param name="elements">n elements of this type.</param>
    /// <param name="index">From 0 to n - 1.</param>
    /// <param name="value">Any float32.</param>
    static abstract void Store(DeviceElements elements, long index, float value);

    /// <summary>A lane's eight elements of a whole, aligned block.</summary>
    /// <param name="elements">n elements of this type.</param>
    /// <param name="first">The lane's first element.</param>
    static abstract DeviceEight LoadEight(DeviceElements elements, long first);

    /// <summary>Rounds a lane's eight elements of a whole, aligned block, and stores them.</summary>
    /// <param name="elements">n elements of this type.</param>
    /// <param name="first">The lane's first element.</param>
    /// <param name="values">Any float32.</param>
    static abstract void StoreEight(DeviceElements elements, long first, DeviceEight values);
}

/// <summary>float32 elements.</summary>
public readonly struct Float32DeviceElement : IDeviceElementType
{
    private const int Half = DeviceEight.Half * sizeof(float);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(DeviceElements elements, long index) =>
        DeviceMemory.LoadFloat(elements.Memory, elements.Position + (index * sizeof(float)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(DeviceElements elements, long index, float value) =>
        DeviceMemory.StoreFloat(elements.Memory, elements.Position + (index * sizeof(float)), value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceEight LoadEight(DeviceElements elements, long first)
    {
        long position = elements.Position + (first * sizeof(float));
        DeviceFour low = DeviceMemory.LoadFour(elements.Memory, position);
        DeviceFour high = DeviceMemory.LoadFour(elements.Memory, position + Half);
        return new DeviceEight
        {
            X0 = low.X,
            X1 = low.Y,
            X2 = low.Z,
            X3 = low.W,
            X4 = high.X,
            X5 = high.Y,
            X6 = high.Z,
            X7 = high.W,
        };
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreEight(DeviceElements elements, long first, DeviceEight values)
    {
        long position = elements.Position + (first * sizeof(float));
        DeviceMemory.StoreFour(
            elements.Memory, position, new DeviceFour { X = values.X0, Y = values.X1, Z = values.X2, W = values.X3 });
        DeviceMemory.StoreFour(
            elements.Memory, position + Half, new DeviceFour { X = values.X4, Y = values.X5, Z = values.X6, W = values.X7 });
    }
}

/// <summary>float16 elements.</summary>
public readonly struct Float16DeviceElement : IDeviceElementType
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(DeviceElements elements, long index) =>
        Widen(DeviceBits16.Load(elements, index));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(DeviceElements elements, long index, float value) =>
        DeviceBits16.Store(elements, index, (ushort)Narrow(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceEight LoadEight(DeviceElements elements, long first)
    {
        DevicePair low = DeviceBits16.LoadFour(elements, first);
        DevicePair high = DeviceBits16.LoadFour(elements, first + DeviceEight.Half);
        return new DeviceEight
        {
            X0 = Widen(low.X),
            X1 = Widen(low.X >> 16),
            X2 = Widen(low.Y),
            X3 = Widen(low.Y >> 16),
            X4 = Widen(high.X),
            X5 = Widen(high.X >> 16),
            X6 = Widen(high.Y),
            X7 = Widen(high.Y >> 16),
        };
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreEight(DeviceElements elements, long first, DeviceEight values)
    {
        DeviceBits16.StoreFour(
            elements, first, Narrow(values.X0), Narrow(values.X1), Narrow(values.X2), Narrow(values.X3));
        DeviceBits16.StoreFour(
            elements, first + DeviceEight.Half, Narrow(values.X4), Narrow(values.X5), Narrow(values.X6), Narrow(values.X7));
    }

    /// <summary>The float that the low 16 bits mean.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Widen(uint bits) => (float)Interop.IntAsFloat((ushort)bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Narrow(float value) =>

        // ILGPU's conversion is cvt.rn.f16.f32 on CUDA; its own of the processor truncates.
        CudaAsm.IsSupported ? Interop.FloatAsInt((ILGPU.Half)value) : (uint)Float16Format.Narrow((int)Interop.FloatAsInt(value));
}

/// <summary>bfloat16 elements.</summary>
public readonly struct BFloat16DeviceElement : IDeviceElementType
{
    private const uint UpperHalf = 0xffff0000;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(DeviceElements elements, long index) => Lower(DeviceBits16.Load(elements, index));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(DeviceElements elements, long index, float value) =>
        DeviceBits16.Store(elements, index, (ushort)Narrow(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceEight LoadEight(DeviceElements elements, long first)
    {
        DevicePair low = DeviceBits16.LoadFour(elements, first);
        DevicePair high = DeviceBits16.LoadFour(elements, first + DeviceEight.Half);
        return new DeviceEight
        {
            X0 = Lower(low.X),
            X1 = Upper(low.X),
            X2 = Lower(low.Y),
            X3 = Upper(low.Y),
            X4 = Lower(high.X),
            X5 = Upper(high.X),
            X6 = Lower(high.Y),
            X7 = Upper(high.Y),
        };
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreEight(DeviceElements elements, long first, DeviceEight values)
    {
        DeviceBits16.StoreFour(
            elements, first, Narrow(values.X0), Narrow(values.X1), Narrow(values.X2), Narrow(values.X3));
        DeviceBits16.StoreFour(
            elements, first + DeviceEight.Half, Narrow(values.X4), Narrow(values.X5), Narrow(values.X6), Narrow(values.X7));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Lower(uint bits) => Interop.IntAsFloat(bits << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Upper(uint bits) => Interop.IntAsFloat(bits & UpperHalf);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Narrow(float value) => (uint)BFloat16Format.Narrow((int)Interop.FloatAsInt(value));
}

/// <summary>Elements of 16 bits, whatever they mean.</summary>
internal static class DeviceBits16
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Load(DeviceElements elements, long index) =>
        DeviceMemory.LoadUShort(elements.Memory, elements.Position + (index * sizeof(ushort)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(DeviceElements elements, long index, ushort bits) =>
        DeviceMemory.StoreUShort(elements.Memory, elements.Position + (index * sizeof(ushort)), bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DevicePair LoadFour(DeviceElements elements, long first) =>
        DeviceMemory.LoadPair(elements.Memory, elements.Position + (first * sizeof(ushort)));

    /// <summary>Stores four elements, each in the low half of a number whose upper half is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreFour(DeviceElements elements, long first, uint x, uint y, uint z, uint w) => DeviceMemory.StorePair(
        elements.Memory, elements.Position + (first * sizeof(ushort)), new DevicePair { X = x | (y << 16), Y = z | (w << 16) });
}
