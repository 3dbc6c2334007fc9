using System.ComponentModel;
using System.Runtime.CompilerServices;
using ILGPU;
using Requant.Numerics;

namespace Requant.CompilerServices;

/// <summary>bfloat16 elements of a parameter that are rounded stochastically when they are stored; see
/// <see cref="ParameterRounding.Stochastic"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct StochasticBFloat16DeviceElement : IDeviceElementType
{
    private const uint UpperHalf = 0xffff0000;
    private const uint LowerHalf = 0x0000ffff;

    /// <summary>What a NaN becomes: one whose high half is one, too.</summary>
    private const uint NaN = 0x7fffffff;

    /// <summary>Pairs of neighbours from a lane's lower elements to its upper ones.</summary>
    private const uint PairsOfHalf = Float32x8.Half / 2;

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
        get => 0;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(DeviceElements elements, long index) => BFloat16DeviceElement.Load(elements, index);

    /// <summary>Rounds with the element's random number, and stores.</summary>
    /// <param name="elements">n elements, with the tensor's key.</param>
    /// <param name="index">From 0 to n - 1.</param>
    /// <param name="value">Any float32.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(DeviceElements elements, long index, float value)
    {
        uint upper = RandomPairs.Spread((uint)(index >> 33));
        uint word = RandomPairs.Word((uint)(index >> 1) ^ elements.LowerKey ^ upper, elements.UpperKey ^ upper);
        uint number = (index & 1) == 0 ? word & LowerHalf : word >> 16;
        DeviceBits16.Store(elements, index, (ushort)(Round(value, number) >> 16));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float32x8 LoadEight(DeviceElements elements, uint block) =>
        BFloat16DeviceElement.LoadEight(elements, block);

    /// <summary>Rounds a lane's eight elements of a whole, aligned block with their random numbers, and
    /// stores them.</summary>
    /// <param name="elements">n elements, with the tensor's key.</param>
    /// <param name="block">The block, less than <see cref="Float32x8.MostBlocks"/>.</param>
    /// <param name="values">Any float32.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreEight(DeviceElements elements, uint block, Float32x8 values)
    {
        // Two pairs of each four: their numbers need a bit more than 32.
        uint four = Float32x8.Four(block);
        uint pair = four << 1;
        uint upper = RandomPairs.Spread(four >> 31);
        uint lowerKey = elements.LowerKey ^ upper;
        uint upperKey = elements.UpperKey ^ upper;
        DeviceBits16.StoreFour(
            elements, block,
            Narrow(values.X0, values.X1, RandomPairs.Word(pair ^ lowerKey, upperKey)),
            Narrow(values.X2, values.X3, RandomPairs.Word((pair + 1) ^ lowerKey, upperKey)));
        DeviceBits16.StoreUpperFour(
            elements, block,
            Narrow(values.X4, values.X5, RandomPairs.Word((pair + PairsOfHalf) ^ lowerKey, upperKey)),
            Narrow(values.X6, values.X7, RandomPairs.Word((pair + PairsOfHalf + 1) ^ lowerKey, upperKey)));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsUpdated(float value) => BFloat16DeviceElement.IsUpdated(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint NonFiniteMask(Float32x8 gradients) => BFloat16DeviceElement.NonFiniteMask(gradients);

    /// <summary>A pair of neighbours, the first in the low half, as are their random numbers in a word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Narrow(float first, float second, uint word) =>
        (Round(first, word & LowerHalf) >> 16) | (Round(second, word >> 16) & UpperHalf);

    /// <summary>A float whose high half is what a value is rounded to; NaN stays one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Round(float value, uint number) =>
        float.IsNaN(value) ? NaN : Interop.FloatAsInt(value) + number;
}
