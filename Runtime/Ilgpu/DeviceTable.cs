using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;

namespace Requant.Ilgpu;

/// <summary>A codec's table in a group's shared memory: what encodes a magnitude, and what each code means. For use inside
/// kernels.</summary>
/// <remarks>
/// <para>A cell is a range of magnitudes whose bits agree but for the low <see cref="IDeviceTable.Shift"/> ones, narrow enough to hold one
/// threshold at most. Adding the cell's entry to a magnitude's bits leaves the code above the low bits: the entry holds the code below
/// the threshold, less the cell's own number, and what makes magnitudes from the threshold on carry into it.</para>
/// </remarks>
public struct DeviceTable
{
    /// <summary>int32[cells].</summary>
    internal ArrayView<int> Entries;

    /// <summary>float32[256]: what codes mean, in units of absmax.</summary>
    internal ArrayView<float> Values;

    /// <summary>Waits until all threads of the group have filled their part of the tables. All call together.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Publish() => Group.Barrier();

    /// <summary>Copies a table to shared memory. All threads of a group call together, then <see cref="Publish"/>.</summary>
    /// <param name="memory">The device's memory.</param>
    /// <param name="position">Of int32[cells] and float32[256].</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static DeviceTable Open<TTable>(ArrayView<byte> memory, long position)
        where TTable : struct, IDeviceTable
    {
        ArrayView<int> entries = SharedMemory.Allocate<int>(TTable.Cells);
        ArrayView<float> values = SharedMemory.Allocate<float>(Quantization.Codebook.MaxValues);
        ArrayView<int> table = memory.SubView(position, (TTable.Cells + Quantization.Codebook.MaxValues) * sizeof(int)).Cast<int>();
        for (int i = Group.IdxX; i < TTable.Cells; i += Group.DimX)
        {
            entries[i] = table[i];
        }

        for (int i = Group.IdxX; i < Quantization.Codebook.MaxValues; i += Group.DimX)
        {
            values[i] = Interop.IntAsFloat((uint)table[TTable.Cells + i]);
        }

        return new DeviceTable { Entries = entries, Values = values };
    }

    /// <summary>The code of a scaled value whose magnitude is at most 1, or rounds to 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly int Encode<TTable>(float scaled)
        where TTable : struct, IDeviceTable
    {
        // Negative values have negative bits: an unsigned codec takes them to its first cell.
        int bits = (int)Interop.FloatAsInt(scaled);
        int magnitude = TTable.IsSigned ? bits & int.MaxValue : bits;
        magnitude = IntrinsicMath.Max(magnitude, TTable.FirstCell << TTable.Shift) - (TTable.FirstCell << TTable.Shift);
        int code = (Entries[magnitude >> TTable.Shift] + magnitude) >> TTable.Shift;
        return TTable.IsSigned && bits < 0 ? IntrinsicMath.Max((2 * TTable.ZeroCode) - code, 0) : code;
    }
}
