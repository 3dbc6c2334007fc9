using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using ILGPU;

namespace Requant.CompilerServices;

/// <summary>Nearest codes that a table has.</summary>
/// <typeparam name="TTable">The codec's table.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
[SuppressMessage("Design", "CA1000", Justification = "They implement an interface's members for kernels.")]
public readonly struct TableEncoding<TTable> : IDeviceEncoding
    where TTable : struct, IDeviceTable
{
    /// <inheritdoc/>
    public static bool IsSigned
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TTable.IsSigned;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceTable OpenTable(LaunchParameters launch, long position) =>
        DeviceTable.Open<TTable>(launch.Memory, position);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Decode(DeviceTable table, uint code) => table.Values[(int)code];

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float32x8 DecodeEight(DeviceTable table, uint low, uint high) => new()
    {
        X0 = table.Decode(low << 2),
        X1 = table.Decode(low >> 6),
        X2 = table.Decode(low >> 14),
        X3 = table.Decode(low >> 22),
        X4 = table.Decode(high << 2),
        X5 = table.Decode(high >> 6),
        X6 = table.Decode(high >> 14),
        X7 = table.Decode(high >> 22),
    };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Encode(DeviceState state, DeviceTable table, long element, float value, float inverse) =>
        (uint)table.Encode<TTable>(value, inverse);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint EncodeFour(
        DeviceState state, DeviceTable table, uint four, float x, float y, float z, float w, float inverse) =>
        table.Encode<TTable>(x, y, z, w, inverse);
}
