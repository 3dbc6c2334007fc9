using System.ComponentModel;
using System.Runtime.CompilerServices;
using ILGPU.Runtime.Cuda;
using ILGPU;
using Requant.Numerics;

namespace Requant.CompilerServices;

/// <summary>float16 elements.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct Float16DeviceElement : IDeviceElementType
{
    /// <inheritdoc/>
    public static int Size
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => sizeof(ushort);
    }

    /// <inheritdoc/>
    public static int RemainderSize
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 0;
    }

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
    public static Float32x8 LoadEight(DeviceElements elements, uint block)
    {
        DevicePair low = DeviceBits16.LoadFour(elements, block);
        DevicePair high = DeviceBits16.LoadUpperFour(elements, block);
        return new Float32x8
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
    public static void StoreEight(DeviceElements elements, uint block, Float32x8 values)
    {
        // Asked once for all, so that pairs are rounded within a block of PTX, where they become one instruction.
        if (CudaAsm.IsSupported)
        {
            DeviceBits16.StoreFour(
                elements, block, Round(values.X0), Round(values.X1), Round(values.X2), Round(values.X3));
            DeviceBits16.StoreUpperFour(
                elements, block, Round(values.X4), Round(values.X5), Round(values.X6), Round(values.X7));
        }
        else
        {
            DeviceBits16.StoreFour(
                elements, block, Narrow(values.X0), Narrow(values.X1), Narrow(values.X2), Narrow(values.X3));
            DeviceBits16.StoreUpperFour(
                elements, block, Narrow(values.X4), Narrow(values.X5), Narrow(values.X6), Narrow(values.X7));
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsUpdated(float value) => DeviceMath.IsFinite(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint NonFiniteMask(Float32x8 gradients) => DeviceMath.NonFiniteMask(gradients);

    /// <summary>The float that the low 16 bits mean.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Widen(uint bits) => (float)Interop.IntAsFloat((ushort)bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Narrow(float value) =>
        CudaAsm.IsSupported ? Round(value) : (uint)Float16Format.Narrow((int)Interop.FloatAsInt(value));

    /// <summary>By ILGPU's conversion, which is cvt.rn.f16.f32 on CUDA; on its CPU accelerator it
    /// truncates.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Round(float value) => Interop.FloatAsInt((ILGPU.Half)value);
}
