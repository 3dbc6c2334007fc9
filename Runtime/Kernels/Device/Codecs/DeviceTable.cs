using System.ComponentModel;
using System.Runtime.CompilerServices;
using ILGPU.Runtime;
using ILGPU;

namespace Requant.CompilerServices;

/// <summary>A codec's table in a group's shared memory: what encodes a magnitude, and what each code means. For use
/// inside kernels.</summary>
/// <remarks>
/// <para>A cell is a range of magnitudes whose bits agree but for the low <see cref="IDeviceTable.Shift"/> ones, narrow
/// enough to hold one threshold at most. Adding the cell's entry to a magnitude's bits leaves the code above the low
/// bits: the entry holds the code below the threshold, less the cell's number, and what makes magnitudes from the
/// threshold on carry into it.</para>
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct DeviceTable
{
    /// <summary>Where a code begins in what <see cref="Find{TTable}"/> gives: at its third byte.</summary>
    private const int CodePosition = 16;

    private const uint OffsetMask = byte.MaxValue * sizeof(float);

    /// <summary>int32[cells].</summary>
    internal ArrayView<int> Entries;

    /// <summary>float32[256]: what codes mean, in units of absmax.</summary>
    internal ArrayView<float> Values;

    /// <summary>Copies a table to shared memory. All threads of a group call together, and return when all of
    /// it is there.</summary>
    /// <param name="memory">The device's memory.</param>
    /// <param name="position">Of int32[cells] and float32[256].</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static DeviceTable Open<TTable>(ArrayView<byte> memory, long position)
        where TTable : struct, IDeviceTable
    {
        ArrayView<int> entries = SharedMemory.Allocate<int>(TTable.Cells);
        ArrayView<float> values = SharedMemory.Allocate<float>(Codebook.MaxValues);
        ArrayView<int> table = memory.SubView(position, (TTable.Cells + Codebook.MaxValues) * sizeof(int)).Cast<int>();
        for (int i = Group.IdxX; i < TTable.Cells; i += Group.DimX)
        {
            entries[i] = table[i];
        }

        for (int i = Group.IdxX; i < Codebook.MaxValues; i += Group.DimX)
        {
            values[i] = Interop.IntAsFloat((uint)table[TTable.Cells + i]);
        }

        Group.Barrier();
        return new DeviceTable { Entries = entries, Values = values };
    }

    /// <summary>What a code means, in units of absmax.</summary>
    /// <param name="bits">The code, two bits up: as an offset of bytes. Bits below and above it are
    /// of no concern.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly float Decode(uint bits) =>
        Unsafe.As<byte, float>(ref Values.Cast<byte>()[(int)(bits & OffsetMask)]);

    /// <summary>The code of a value.</summary>
    /// <param name="value">Its magnitude times <paramref name="inverse"/> is at most 1, or rounds to 1.</param>
    /// <param name="inverse">1 / absmax.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly int Encode<TTable>(float value, float inverse)
        where TTable : struct, IDeviceTable
    {
        int code = Find<TTable>(value, inverse) >> CodePosition;
        return TTable.IsSigned && (int)Interop.FloatAsInt(value) < 0
            ? IntrinsicMath.Max((2 * TTable.ZeroCode) - code, 0)
            : code;
    }

    /// <summary>Four codes, the first in the lowest byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly uint Encode<TTable>(float x, float y, float z, float w, float inverse)
        where TTable : struct, IDeviceTable
    {
        uint codes = DeviceBytes.OfThird(
            (uint)Find<TTable>(x, inverse), (uint)Find<TTable>(y, inverse), (uint)Find<TTable>(z, inverse),
            (uint)Find<TTable>(w, inverse));
        if (!TTable.IsSigned)
        {
            return codes;
        }

        uint signs = DeviceBytes.OfSigns(
            Interop.FloatAsInt(x), Interop.FloatAsInt(y), Interop.FloatAsInt(z), Interop.FloatAsInt(w));
        return DeviceBytes.Mirror(codes, signs, TTable.ZeroCode);
    }

    /// <summary>A number whose third byte is the code of a magnitude; the fourth is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int Find<TTable>(float value, float inverse)
        where TTable : struct, IDeviceTable
    {
        // Negative values have negative bits: an unsigned codec takes them to its first cell. The magnitude is taken of
        // the value, which a device's multiplication does on the way.
        float scaled = TTable.IsSigned ? MathF.Abs(value) * inverse : value * inverse;
        int bits = IntrinsicMath.Max((int)Interop.FloatAsInt(scaled), TTable.FirstCell << TTable.Shift);
        int found = (Entries[(bits >> TTable.Shift) - TTable.FirstCell] + bits) >> (TTable.Shift - CodePosition);

        // An unsigned codec's table has code 1 at least.
        return TTable.IsSigned || (int)Interop.FloatAsInt(scaled) > 0 ? found : 0;
    }
}
