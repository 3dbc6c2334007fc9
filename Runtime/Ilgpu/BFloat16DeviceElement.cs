using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime.Cuda;
using Requant.Cpu;

namespace Requant.Ilgpu;

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

/// <summary>bfloat16 elements on devices of compute capability 8.0 and newer, which round two at a time. What is stored is what
/// <see cref="BFloat16DeviceElement"/> stores; only NaN have other bits.</summary>
public readonly struct BFloat16PairDeviceElement : IDeviceElementType
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(DeviceElements elements, long index) => BFloat16DeviceElement.Load(elements, index);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(DeviceElements elements, long index, float value) => BFloat16DeviceElement.Store(elements, index, value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceEight LoadEight(DeviceElements elements, long first) => BFloat16DeviceElement.LoadEight(elements, first);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreEight(DeviceElements elements, long first, DeviceEight values)
    {
        DeviceBits16.StoreFour(elements, first, Narrow(values.X0, values.X1), Narrow(values.X2, values.X3));
        DeviceBits16.StoreFour(elements, first + DeviceEight.Half, Narrow(values.X4, values.X5), Narrow(values.X6, values.X7));
    }

    /// <summary>Two elements, the first in the low half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Narrow(float first, float second)
    {
        CudaAsm.Emit("cvt.rn.bf16x2.f32 %0, %1, %2;", out uint pair, second, first);
        return pair;
    }
}
