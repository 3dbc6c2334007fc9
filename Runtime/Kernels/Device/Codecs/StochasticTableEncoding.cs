using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using ILGPU;

namespace Requant.CompilerServices;

/// <summary>Codes that a table has, rounded stochastically.</summary>
/// <typeparam name="TTable">The codec's table.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
[SuppressMessage("Design", "CA1000", Justification = "They implement an interface's members for kernels.")]
public readonly struct StochasticTableEncoding<TTable> : IDeviceEncoding
    where TTable : struct, IDeviceTable
{
    private const int RandomLimit = 256;

    /// <inheritdoc/>
    public static bool IsSigned
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TTable.IsSigned;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceTable OpenTable(LaunchParameters launch, long position) =>
        TableEncoding<TTable>.OpenTable(launch, position);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Decode(DeviceTable table, uint code) => TableEncoding<TTable>.Decode(table, code);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float32x8 DecodeEight(DeviceTable table, uint low, uint high) =>
        TableEncoding<TTable>.DecodeEight(table, low, high);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Encode(DeviceState state, DeviceTable table, long element, float value, float inverse) =>
        Round(table, (uint)table.Encode<TTable>(value, inverse), value * inverse, DeviceRandomBytes.Of(state, element));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint EncodeFour(
        DeviceState state, DeviceTable table, uint four, float x, float y, float z, float w, float inverse)
    {
        uint nearest = table.Encode<TTable>(x, y, z, w, inverse);
        uint random = DeviceRandomBytes.OfFour(state, four);
        return DeviceBytes.OfLowest(
            Round(table, nearest & byte.MaxValue, x * inverse, random & byte.MaxValue),
            Round(table, (nearest >> 8) & byte.MaxValue, y * inverse, (random >> 8) & byte.MaxValue),
            Round(table, (nearest >> 16) & byte.MaxValue, z * inverse, (random >> 16) & byte.MaxValue),
            Round(table, nearest >> 24, w * inverse, random >> 24));
    }

    /// <summary>As <see cref="Codebook.EncodeStochastic(float, byte)"/>: the code below or the one
    /// above.</summary>
    /// <remarks>Beyond the last value the place is the last one's, before the first the first one's, so that neither is
    /// a case of its own. What an
    /// unsigned codec may not store as 0 is taken to be beyond code 1, before which no place is.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Round(DeviceTable table, uint nearest, float u, uint random)
    {
        int code = (int)nearest - (table.Values[(int)nearest] > u ? 1 : 0);
        int below = IntrinsicMath.Min(
            IntrinsicMath.Max(code, TTable.IsSigned ? 0 : IntrinsicMath.Min((int)nearest, 1)), TTable.LastCode - 1);
        float bottom = table.Values[below];
        int place = (int)(((u - bottom) / (table.Values[below + 1] - bottom) * RandomLimit) + 0.5f);
        return (uint)(below + (place + (int)random >= RandomLimit ? 1 : 0));
    }
}
