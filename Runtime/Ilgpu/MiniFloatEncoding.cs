using System.Runtime.CompilerServices;

namespace Requant.Ilgpu;

/// <summary>Nearest codes of <see cref="Codec.MiniFloat"/>.</summary>
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
    public static DeviceTable OpenTable(DeviceModel model, long position) => default;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Decode(DeviceTable table, uint code) => DeviceMiniFloat.Decode(code);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceEight DecodeEight(DeviceTable table, uint low, uint high) =>
        DeviceMiniFloat.DecodeEight<MiniFloatEncoding>(low, high);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Encode(DeviceState state, DeviceTable table, long element, float value, float inverse) =>
        DeviceMiniFloat.Encode(value * inverse, 0, DeviceMiniFloat.Half);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint EncodeFour(
        DeviceState state, DeviceTable table, uint four, float x, float y, float z, float w, float inverse)
    {
        return DeviceMiniFloat.Encode(x * inverse, 0, DeviceMiniFloat.Half)
            | (DeviceMiniFloat.Encode(y * inverse, 0, DeviceMiniFloat.Half) << 8)
            | (DeviceMiniFloat.Encode(z * inverse, 0, DeviceMiniFloat.Half) << 16)
            | (DeviceMiniFloat.Encode(w * inverse, 0, DeviceMiniFloat.Half) << 24);
    }
}

/// <summary>Random codes of <see cref="Codec.MiniFloat"/>.</summary>
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
    public static DeviceTable OpenTable(DeviceModel model, long position) => default;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Decode(DeviceTable table, uint code) => DeviceMiniFloat.Decode(code);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceEight DecodeEight(DeviceTable table, uint low, uint high) =>
        DeviceMiniFloat.DecodeEight<StochasticMiniFloatEncoding>(low, high);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Encode(DeviceState state, DeviceTable table, long element, float value, float inverse) =>
        DeviceMiniFloat.Encode(value * inverse, DeviceMiniFloat.Unbiased, DeviceRandomBytes.Of(state, element));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint EncodeFour(
        DeviceState state, DeviceTable table, uint four, float x, float y, float z, float w, float inverse)
    {
        uint random = DeviceRandomBytes.OfFour(state, four);
        return DeviceMiniFloat.Encode(x * inverse, DeviceMiniFloat.Unbiased, random & byte.MaxValue)
            | (DeviceMiniFloat.Encode(y * inverse, DeviceMiniFloat.Unbiased, (random >> 8) & byte.MaxValue) << 8)
            | (DeviceMiniFloat.Encode(z * inverse, DeviceMiniFloat.Unbiased, (random >> 16) & byte.MaxValue) << 16)
            | (DeviceMiniFloat.Encode(w * inverse, DeviceMiniFloat.Unbiased, random >> 24) << 24);
    }
}
