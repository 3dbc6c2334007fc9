using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Requant.CompilerServices;

/// <summary>A state kept in float32.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct Float32DeviceCodec : IDeviceCodec
{
    /// <inheritdoc/>
    public static bool IsQuantized
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceTable OpenTable(LaunchParameters launch, long position) => default;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Open(DeviceState state, long block) => 0f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(DeviceState state, DeviceTable table, long element, float oldAbsmax) =>
        Float32DeviceElement.Load(Elements(state), element);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float32x8 LoadEight(DeviceState state, DeviceTable table, uint block) =>
        Float32DeviceElement.LoadEight(Elements(state), block);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(ref DevicePrefetch prefetch, DeviceState state)
    {
        // Without codes a warp has little to do but to load, so that enough of them wait for memory at a time.
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint MaxMagnitude(uint largest, Float32x8 values) => DeviceMath.MaxMagnitude(largest, values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Largest(uint laneLargest) => DeviceWarp.Max(laneLargest);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Inverse(uint largest) => 0f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreEight(DeviceState state, DeviceTable table, uint block, Float32x8 values, float inverse) =>
        Float32DeviceElement.StoreEight(Elements(state), block, values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreAbsmax(DeviceState state, uint block, uint largest)
    {
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxMagnitude(float maximum, float newValue, float oldValue) => 0f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Close(DeviceState state, long block, float laneMaximum) => 0f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(
        DeviceState state, DeviceTable table, long element, float newValue, float oldValue, float inverse) =>
        Float32DeviceElement.Store(Elements(state), element, newValue);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static DeviceElements Elements(DeviceState state) => DeviceElements.At(state.Memory, state.Values);
}
