using System.Runtime.CompilerServices;

namespace Requant.Ilgpu;

/// <summary>Nearest codes of <see cref="Codec.MiniFloatUnsigned"/>.</summary>
public readonly struct MiniFloatUnsignedEncoding : IDeviceEncoding
{
    /// <inheritdoc/>
    public static bool IsSigned
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceTable OpenTable(DeviceModel model, long position) => default;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Decode(DeviceTable table, uint code) => DeviceMiniFloat.DecodeUnsigned(code);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceEight DecodeEight(DeviceTable table, uint low, uint high) =>
        DeviceMiniFloat.DecodeEight<MiniFloatUnsignedEncoding>(low, high);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Encode(DeviceState state, DeviceTable table, long element, float value, float inverse) =>
        DeviceMiniFloat.EncodeUnsigned(value * inverse, 0, DeviceMiniFloat.Half);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint EncodeFour(
        DeviceState state, DeviceTable table, uint four, float x, float y, float z, float w, float inverse)
    {
        return DeviceMiniFloat.EncodeUnsigned(x * inverse, 0, DeviceMiniFloat.Half)
            | (DeviceMiniFloat.EncodeUnsigned(y * inverse, 0, DeviceMiniFloat.Half) << 8)
            | (DeviceMiniFloat.EncodeUnsigned(z * inverse, 0, DeviceMiniFloat.Half) << 16)
            | (DeviceMiniFloat.EncodeUnsigned(w * inverse, 0, DeviceMiniFloat.Half) << 24);
    }
}

/// <summary>Random codes of <see cref="Codec.MiniFloatUnsigned"/>.</summary>
public readonly struct StochasticMiniFloatUnsignedEncoding : IDeviceEncoding
{
    /// <inheritdoc/>
    public static bool IsSigned
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceTable OpenTable(DeviceModel model, long position) => default;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Decode(DeviceTable table, uint code) => DeviceMiniFloat.DecodeUnsigned(code);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceEight DecodeEight(DeviceTable table, uint low, uint high) =>
        DeviceMiniFloat.DecodeEight<StochasticMiniFloatUnsignedEncoding>(low, high);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Encode(DeviceState state, DeviceTable table, long element, float value, float inverse) =>
        DeviceMiniFloat.EncodeUnsigned(value * inverse, DeviceMiniFloat.Unbiased, DeviceRandomBytes.Of(state, element));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint EncodeFour(
        DeviceState state, DeviceTable table, uint four, float x, float y, float z, float w, float inverse)
    {
        uint random = DeviceRandomBytes.OfFour(state, four);
        return DeviceMiniFloat.EncodeUnsigned(x * inverse, DeviceMiniFloat.Unbiased, random & byte.MaxValue)
            | (DeviceMiniFloat.EncodeUnsigned(y * inverse, DeviceMiniFloat.Unbiased, (random >> 8) & byte.MaxValue) << 8)
            | (DeviceMiniFloat.EncodeUnsigned(z * inverse, DeviceMiniFloat.Unbiased, (random >> 16) & byte.MaxValue) << 16)
            | (DeviceMiniFloat.EncodeUnsigned(w * inverse, DeviceMiniFloat.Unbiased, random >> 24) << 24);
    }
}
