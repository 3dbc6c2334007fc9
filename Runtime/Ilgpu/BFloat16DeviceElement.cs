using System.Runtime.CompilerServices;
using ILGPU;
using Requant.Cpu;

namespace Requant.Ilgpu;

/// <summary>bfloat16 elements.</summary>
public readonly struct BFloat16DeviceElement : IDeviceElementType
{
    private const uint UpperHalf = 0xffff0000;

    /// <summary>One less than half a unit of the last place, in the bits that rounding drops.</summary>
    private const uint BelowHalf = 0x7fff;

    /// <inheritdoc/>
    public static int Size
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => sizeof(ushort);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(DeviceElements elements, long index) => Lower(DeviceBits16.Load(elements, index));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(DeviceElements elements, long index, float value) =>
        DeviceBits16.Store(elements, index, (ushort)Narrow(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceEight LoadEight(DeviceElements elements, uint block)
    {
        DevicePair low = DeviceBits16.LoadFour(elements, block);
        DevicePair high = DeviceBits16.LoadUpperFour(elements, block);
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
    public static void StoreEight(DeviceElements elements, uint block, DeviceEight values)
    {
        // One test for all of them: only NaN is rounded in another way, and a sum of finite values that is not finite costs no more
        // than time.
        if (DeviceMath.IsFinite(values.Sum()))
        {
            DeviceBits16.StoreFour(elements, block, NarrowFinite(values.X0, values.X1), NarrowFinite(values.X2, values.X3));
            DeviceBits16.StoreUpperFour(
                elements, block, NarrowFinite(values.X4, values.X5), NarrowFinite(values.X6, values.X7));
        }
        else
        {
            DeviceBits16.StoreFour(
                elements, block, Narrow(values.X0), Narrow(values.X1), Narrow(values.X2), Narrow(values.X3));
            DeviceBits16.StoreUpperFour(
                elements, block, Narrow(values.X4), Narrow(values.X5), Narrow(values.X6), Narrow(values.X7));
        }
    }

    /// <summary>Two finite elements, the first in the low half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint NarrowFinite(float first, float second) => (Round(first) >> 16) | (Round(second) & UpperHalf);

    /// <summary>A finite float whose upper half is what it is rounded to: to nearest, ties to even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Round(float value)
    {
        uint bits = Interop.FloatAsInt(value);
        return bits + BelowHalf + ((bits >> 16) & 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Lower(uint bits) => Interop.IntAsFloat(bits << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Upper(uint bits) => Interop.IntAsFloat(bits & UpperHalf);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Narrow(float value) => (uint)BFloat16Format.Narrow((int)Interop.FloatAsInt(value));
}
