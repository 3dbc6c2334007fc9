using System.ComponentModel;
using System.Runtime.CompilerServices;
using ILGPU;
using Requant.Numerics;

namespace Requant.CompilerServices;

/// <summary>bfloat16 elements.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct BFloat16DeviceElement : IDeviceElementType
{
    private const uint UpperHalf = 0xffff0000;

    /// <summary>One less than half a unit of the last place, in the bits that rounding drops.</summary>
    private const uint BelowHalf = 0x7fff;

    private const uint MagnitudeMask = int.MaxValue;

    /// <summary>Of a NaN that it makes one in the high half too.</summary>
    private const uint QuietBit = 0x400000;

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
    public static float Load(DeviceElements elements, long index) => Lower(DeviceBits16.Load(elements, index));

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
    public static void StoreEight(DeviceElements elements, uint block, Float32x8 values)
    {
        DeviceBits16.StoreFour(elements, block, Narrow(values.X0, values.X1), Narrow(values.X2, values.X3));
        DeviceBits16.StoreUpperFour(elements, block, Narrow(values.X4, values.X5), Narrow(values.X6, values.X7));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsUpdated(float value) => DeviceMath.IsFinite(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint NonFiniteMask(Float32x8 gradients) => DeviceMath.NonFiniteMask(gradients);

    /// <summary>Two elements, the first in the low half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Narrow(float first, float second) => (Round(first) >> 16) | (Round(second) & UpperHalf);

    /// <summary>A float whose high half is what a value is rounded to: to nearest, ties to even;
    /// NaN stays one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Round(float value)
    {
        uint bits = Interop.FloatAsInt(value);
        uint rounded = bits + BelowHalf + ((bits >> 16) & 1);
        return (bits & MagnitudeMask) > DeviceMath.Infinity ? bits | QuietBit : rounded;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Lower(uint bits) => Interop.IntAsFloat(bits << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Upper(uint bits) => Interop.IntAsFloat(bits & UpperHalf);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Narrow(float value) => (uint)BFloat16Format.Narrow((int)Interop.FloatAsInt(value));
}
