using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using ILGPU;

namespace Requant.Ilgpu;

/// <summary>Codes that a table has, rounded stochastically.</summary>
/// <typeparam name="TTable">The codec's table.</typeparam>
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
    public static DeviceTable OpenTable(DeviceModel model, long position) => TableEncoding<TTable>.OpenTable(model, position);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Decode(DeviceTable table, uint code) => TableEncoding<TTable>.Decode(table, code);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceEight DecodeEight(DeviceTable table, uint low, uint high) =>
        TableEncoding<TTable>.DecodeEight(table, low, high);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Encode(DeviceState state, DeviceTable table, long element, float value, float inverse) =>
        Round(table, value, inverse, DeviceRandomBytes.Of(state, element));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint EncodeFour(
        DeviceState state, DeviceTable table, uint four, float x, float y, float z, float w, float inverse)
    {
        uint random = DeviceRandomBytes.OfFour(state, four);
        return Round(table, x, inverse, random & byte.MaxValue)
            | (Round(table, y, inverse, (random >> 8) & byte.MaxValue) << 8)
            | (Round(table, z, inverse, (random >> 16) & byte.MaxValue) << 16)
            | (Round(table, w, inverse, random >> 24) << 24);
    }

    /// <summary>As <see cref="Quantization.Codebook.EncodeStochastic(float, byte)"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Round(DeviceTable table, float value, float inverse, uint random)
    {
        // A block of zeros has no inverse, and a last code has none above.
        float u = value * inverse;
        int nearest = table.Encode<TTable>(value, inverse);
        int code = nearest - (table.Values[nearest] > u ? 1 : 0);
        int below = IntrinsicMath.Max(IntrinsicMath.Min(code, TTable.LastCode - 1), 0);
        float bottom = table.Values[below];
        int place = (int)(((u - bottom) / (table.Values[below + 1] - bottom) * RandomLimit) + 0.5f);
        int rounded = below + (place + (int)random >= RandomLimit ? 1 : 0);
        int clamped = code < 0 ? 0 : code >= TTable.LastCode ? TTable.LastCode : rounded;
        return (uint)(TTable.IsSigned ? clamped : IntrinsicMath.Max(clamped, u > 0f ? 1 : 0));
    }
}
