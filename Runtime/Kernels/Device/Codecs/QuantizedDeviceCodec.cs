using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using ILGPU;
using Requant.Codecs;

namespace Requant.CompilerServices;

/// <summary>A state kept as codes and absmax.</summary>
/// <typeparam name="TEncoding">What codes mean, and how they are found.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
[SuppressMessage("Design", "CA1000", Justification = "They implement an interface's members for kernels.")]
public readonly struct QuantizedDeviceCodec<TEncoding> : IDeviceCodec
    where TEncoding : struct, IDeviceEncoding
{
    /// <inheritdoc/>
    public static bool IsQuantized
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceTable OpenTable(LaunchParameters launch, long position) =>
        TEncoding.OpenTable(launch, position);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Open(DeviceState state, long block) =>
        DeviceMemory.Load<float>(state.Memory, state.Absmax + (block * sizeof(float)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(DeviceState state, DeviceTable table, long element, float oldAbsmax) =>
        TEncoding.Decode(table, state.Memory[state.Values + element]) * oldAbsmax;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float32x8 LoadEight(DeviceState state, DeviceTable table, uint block)
    {
        float oldAbsmax = DeviceMemory.Load<float>(state.Memory, AbsmaxAt(state, block));
        long position = Float32x8.At(state.Values, block, sizeof(byte));
        uint low = DeviceMemory.Load<uint>(state.Memory, position);
        uint high = DeviceMemory.Load<uint>(state.Memory, position + Float32x8.Half);
        Float32x8 values = TEncoding.DecodeEight(table, low, high);
        return new Float32x8
        {
            X0 = values.X0 * oldAbsmax,
            X1 = values.X1 * oldAbsmax,
            X2 = values.X2 * oldAbsmax,
            X3 = values.X3 * oldAbsmax,
            X4 = values.X4 * oldAbsmax,
            X5 = values.X5 * oldAbsmax,
            X6 = values.X6 * oldAbsmax,
            X7 = values.X7 * oldAbsmax,
        };
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(ref DevicePrefetch prefetch, DeviceState state)
    {
        prefetch.Add(state.Values, Float32x8.BlockSize);
        prefetch.Add(state.Absmax, sizeof(float));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint MaxMagnitude(uint largest, Float32x8 values) =>

        // Below zero, where an unsigned codec has no codes, bits are larger than any magnitude's.
        TEncoding.IsSigned
            ? DeviceMath.MaxMagnitude(largest, values)
            : DeviceMath.MaxMagnitudeUnsigned(largest, values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Largest(uint laneLargest) => DeviceWarp.Max(laneLargest);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Inverse(uint largest) => InverseOf(Interop.IntAsFloat(largest));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreEight(DeviceState state, DeviceTable table, uint block, Float32x8 values, float inverse)
    {
        long position = Float32x8.At(state.Values, block, sizeof(byte));
        uint four = Float32x8.Four(block);
        DeviceMemory.Store(
            state.Memory, position,
            TEncoding.EncodeFour(state, table, four, values.X0, values.X1, values.X2, values.X3, inverse));
        DeviceMemory.Store(
            state.Memory, position + Float32x8.Half,
            TEncoding.EncodeFour(
                state, table, four + (Float32x8.Half / RandomBytes.ElementsOfWord), values.X4, values.X5, values.X6,
                values.X7, inverse));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreAbsmax(DeviceState state, uint block, uint largest) =>
        DeviceMemory.Store(state.Memory, AbsmaxAt(state, block), Absmax(Interop.IntAsFloat(largest)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxMagnitude(float maximum, float newValue, float oldValue)
    {
        float magnitude = MathF.Abs(Stored(newValue, oldValue));
        return magnitude > maximum ? magnitude : maximum;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Close(DeviceState state, long block, float laneMaximum)
    {
        float largest = DeviceWarp.Max(laneMaximum);
        if (DeviceGrid.Lane == 0)
        {
            DeviceMemory.Store(state.Memory, state.Absmax + (block * sizeof(float)), Absmax(largest));
        }

        return InverseOf(largest);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(
        DeviceState state, DeviceTable table, long element, float newValue, float oldValue, float inverse) =>
        state.Memory[state.Values + element] = (byte)TEncoding.Encode(
            state, table, element, Stored(newValue, oldValue), inverse);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long AbsmaxAt(DeviceState state, uint block) => state.Absmax + ((long)block * sizeof(float));

    /// <summary>What is stored as a block's absmax.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Absmax(float largest) => DeviceMath.Select(largest < SmallestAbsmax.Value, 0f, largest);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float InverseOf(float largest) =>
        DeviceMath.Select(largest < SmallestAbsmax.Value, 0f, 1f / largest);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Stored(float newValue, float oldValue) => DeviceMath.IsFinite(newValue) ? newValue : oldValue;
}
