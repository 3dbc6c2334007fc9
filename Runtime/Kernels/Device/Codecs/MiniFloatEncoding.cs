using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Requant.CompilerServices;

/// <summary>Nearest codes of <see cref="Codec.MiniFloat"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct MiniFloatEncoding : IDeviceEncoding
{
    /// <inheritdoc/>
    public static bool IsSigned
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceTable OpenTable(LaunchParameters launch, long position) => default;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Decode(DeviceTable table, uint code) => DeviceMiniFloat.Decode(code);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float32x8 DecodeEight(DeviceTable table, uint low, uint high) =>
        Float32x8.Of(DeviceMiniFloats.Decode(low), DeviceMiniFloats.Decode(high));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Encode(DeviceState state, DeviceTable table, long element, float value, float inverse) =>
        DeviceMiniFloat.Encode(value * inverse, 0, DeviceMiniFloat.Half);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint EncodeFour(
        DeviceState state, DeviceTable table, uint four, float x, float y, float z, float w, float inverse) =>
        DeviceMiniFloats.Encode(
            x * inverse, y * inverse, z * inverse, w * inverse);
}

/// <summary>Random codes of <see cref="Codec.MiniFloat"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct StochasticMiniFloatEncoding : IDeviceEncoding
{
    /// <inheritdoc/>
    public static bool IsSigned
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceTable OpenTable(LaunchParameters launch, long position) => default;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Decode(DeviceTable table, uint code) => DeviceMiniFloat.Decode(code);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float32x8 DecodeEight(DeviceTable table, uint low, uint high) =>
        Float32x8.Of(DeviceMiniFloats.Decode(low), DeviceMiniFloats.Decode(high));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Encode(DeviceState state, DeviceTable table, long element, float value, float inverse) =>
        DeviceMiniFloat.Encode(value * inverse, DeviceMiniFloat.Unbiased, DeviceRandomBytes.Of(state, element));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint EncodeFour(
        DeviceState state, DeviceTable table, uint four, float x, float y, float z, float w, float inverse) =>
        DeviceMiniFloats.Encode(
            x * inverse, y * inverse, z * inverse, w * inverse, DeviceRandomBytes.OfFour(state, four));
}
