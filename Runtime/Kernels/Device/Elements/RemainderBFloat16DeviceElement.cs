using System.ComponentModel;
using System.Runtime.CompilerServices;
using ILGPU;
using Requant.Numerics;

namespace Requant.CompilerServices;

/// <summary>bfloat16 elements of a parameter, each with a remainder of 16 bits that makes it a float32; see
/// <see cref="MasterWeights.Remainder16"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct RemainderBFloat16DeviceElement : IDeviceElementType
{
    private const uint UpperHalf = 0xffff0000;
    private const uint LowerHalf = 0x0000ffff;

    /// <summary>Half a place of a bfloat16.</summary>
    private const uint Half = 0x8000;

    /// <summary>Of a NaN that it makes one in the high half too.</summary>
    private const uint QuietBit = 0x400000;

    /// <inheritdoc/>
    public static int Size
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => BFloat16DeviceElement.Size;
    }

    /// <inheritdoc/>
    public static int RemainderSize
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => sizeof(short);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(DeviceElements elements, long index)
    {
        int upper = DeviceBits16.Load(elements, index);
        int remainder = (short)DeviceBits16.Load(Remainders(elements), index);
        return Join((uint)upper << 16, (uint)remainder);
    }

    /// <summary>Stores the nearest bfloat16 and the remainder.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(DeviceElements elements, long index, float value)
    {
        ushort upper = Remainder16.Split((int)Interop.FloatAsInt(value), out short remainder);
        DeviceBits16.Store(elements, index, upper);
        DeviceBits16.Store(Remainders(elements), index, (ushort)remainder);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float32x8 LoadEight(DeviceElements elements, uint block)
    {
        DeviceElements remainders = Remainders(elements);
        DevicePair low = DeviceBits16.LoadFour(elements, block);
        DevicePair high = DeviceBits16.LoadUpperFour(elements, block);
        DevicePair lowRemainders = DeviceBits16.LoadFour(remainders, block);
        DevicePair highRemainders = DeviceBits16.LoadUpperFour(remainders, block);
        return new Float32x8
        {
            X0 = JoinLower(low.X, lowRemainders.X),
            X1 = JoinUpper(low.X, lowRemainders.X),
            X2 = JoinLower(low.Y, lowRemainders.Y),
            X3 = JoinUpper(low.Y, lowRemainders.Y),
            X4 = JoinLower(high.X, highRemainders.X),
            X5 = JoinUpper(high.X, highRemainders.X),
            X6 = JoinLower(high.Y, highRemainders.Y),
            X7 = JoinUpper(high.Y, highRemainders.Y),
        };
    }

    /// <summary>Stores the nearest bfloat16s of a lane's eight elements of a whole, aligned block, and
    /// their remainders.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreEight(DeviceElements elements, uint block, Float32x8 values)
    {
        DeviceElements remainders = Remainders(elements);
        uint b0 = Bits(values.X0);
        uint b1 = Bits(values.X1);
        uint b2 = Bits(values.X2);
        uint b3 = Bits(values.X3);
        uint b4 = Bits(values.X4);
        uint b5 = Bits(values.X5);
        uint b6 = Bits(values.X6);
        uint b7 = Bits(values.X7);
        DeviceBits16.StoreFour(elements, block, UpperOf(b0, b1), UpperOf(b2, b3));
        DeviceBits16.StoreUpperFour(elements, block, UpperOf(b4, b5), UpperOf(b6, b7));
        DeviceBits16.StoreFour(remainders, block, LowerOf(b0, b1), LowerOf(b2, b3));
        DeviceBits16.StoreUpperFour(remainders, block, LowerOf(b4, b5), LowerOf(b6, b7));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsUpdated(float value) => BFloat16DeviceElement.IsUpdated(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint NonFiniteMask(Float32x8 gradients) => BFloat16DeviceElement.NonFiniteMask(gradients);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static DeviceElements Remainders(DeviceElements elements) =>
        DeviceElements.At(elements.Memory, elements.Remainder);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float JoinLower(uint pair, uint remainders) => Join(pair << 16, (uint)(int)(short)remainders);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float JoinUpper(uint pair, uint remainders) =>
        Join(pair & UpperHalf, (uint)((int)remainders >> 16));

    /// <summary>What <see cref="Remainder16.Join(int, int)"/> is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Join(uint visible, uint remainder)
    {
        float value = Interop.IntAsFloat(visible + remainder);
        return float.IsNaN(value) ? Interop.IntAsFloat(visible) : value;
    }

    /// <summary>The bits of a value; of a NaN one whose high half is one, too, and whose low half is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Bits(float value)
    {
        uint bits = Interop.FloatAsInt(value);
        return float.IsNaN(value) ? (bits | QuietBit) & UpperHalf : bits;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint UpperOf(uint first, uint second) => ((first + Half) >> 16) | ((second + Half) & UpperHalf);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint LowerOf(uint first, uint second) => (first & LowerHalf) | (second << 16);
}
