using System.ComponentModel;
using System.Runtime.CompilerServices;
using ILGPU;

namespace Requant.CompilerServices;

/// <summary>Finishes a reduction over a tensor on a device, in the order of <c>TensorReduction.Finish</c>: the same
/// bits. All threads of a group call together, and all get the result. For use inside kernels.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class DeviceReduction
{
    /// <summary>Fixed by the definition of the order: it decides the bits of the result.</summary>
    internal const int SlotCount = 256;

    /// <summary>Partial results of a chunk, which a group of threads adds up. Fixed by the definition of the order,
    /// too; a multiple of <see cref="SlotCount"/>.</summary>
    internal const int ChunkBlocks = 1 << 14;

    /// <summary>Loads that a thread has under way at a time; the additions that follow keep their order.</summary>
    private const int LoadsInFlight = 8;

    /// <summary>Square root of the sum.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="reduction">Number of the reduction.</param>
    /// <param name="zero">From <see cref="DeviceMath.OpaqueZero"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Norm(DeviceTensor tensor, int reduction, float zero) =>
        (float)Math.Sqrt(Total(tensor, reduction, zero));

    /// <summary>The sum.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="reduction">Number of the reduction.</param>
    /// <param name="zero">From <see cref="DeviceMath.OpaqueZero"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(DeviceTensor tensor, int reduction, float zero) => (float)Total(tensor, reduction, zero);

    /// <summary>The largest term; 0 where there is none.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="reduction">Number of the reduction.</param>
    /// <param name="zero">From <see cref="DeviceMath.OpaqueZero"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(DeviceTensor tensor, int reduction, float zero)
    {
        // What is folded is at the first block of each chunk.
        long count = tensor.EndBlock - tensor.FirstBlock;
        float result = Largest(tensor, reduction, 0, count, count > ChunkBlocks ? ChunkBlocks : 1);
        return DeviceMath.Select(result == float.NegativeInfinity, zero, result);
    }

    /// <summary>Puts the largest result of a chunk in the place of its first.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="reduction">Number of the reduction.</param>
    /// <param name="start">The chunk's first block.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void FoldMax(DeviceTensor tensor, int reduction, long start)
    {
        float result = Largest(tensor, reduction, start, End(tensor, start), 1);
        if (DeviceGrid.IsFirstThread)
        {
            tensor.StorePartial(reduction, start, result);
        }
    }

    /// <summary>Puts the sum of a chunk, a float64, in the place of its first two results. A last chunk of one result
    /// stays.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="reduction">Number of the reduction.</param>
    /// <param name="start">The chunk's first block.</param>
    /// <param name="zero">From <see cref="DeviceMath.OpaqueZero"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void FoldSum(DeviceTensor tensor, int reduction, long start, float zero)
    {
        long end = End(tensor, start);
        ArrayView<double> slots = SharedMemory.Allocate<double>(SlotCount);
        for (int slot = Group.IdxX; slot < SlotCount; slot += Group.DimX)
        {
            slots[slot] = SumOfSlot(tensor, reduction, start + slot, end, zero);
        }

        double sum = Folded(slots);
        if (DeviceGrid.IsFirstThread && end - start > 1)
        {
            ulong bits = Interop.FloatAsInt(sum);
            tensor.StorePartial(reduction, start, Interop.IntAsFloat((uint)bits));
            tensor.StorePartial(reduction, start + 1, Interop.IntAsFloat((uint)(bits >> 32)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long End(DeviceTensor tensor, long start)
    {
        long count = tensor.EndBlock - tensor.FirstBlock;
        return count - start < ChunkBlocks ? count : start + ChunkBlocks;
    }

    /// <summary>The largest of every so many results.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Largest(DeviceTensor tensor, int reduction, long start, long end, long step)
    {
        ArrayView<float> slots = SharedMemory.Allocate<float>(SlotCount);
        for (int slot = Group.IdxX; slot < SlotCount; slot += Group.DimX)
        {
            float largest = float.NegativeInfinity;
            for (long block = start + (slot * step); block < end; block += SlotCount * step)
            {
                largest = DeviceMath.Max(largest, tensor.LoadPartial(reduction, block));
            }

            slots[slot] = largest;
        }

        Group.Barrier();
        for (int half = SlotCount / 2; half >= 1; half >>= 1)
        {
            for (int slot = Group.IdxX; slot < half; slot += Group.DimX)
            {
                slots[slot] = DeviceMath.Max(slots[slot], slots[slot + half]);
            }

            Group.Barrier();
        }

        float result = slots[0];
        Group.Barrier();
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Total(DeviceTensor tensor, int reduction, float zero)
    {
        long count = tensor.EndBlock - tensor.FirstBlock;
        ArrayView<double> slots = SharedMemory.Allocate<double>(SlotCount);
        for (int slot = Group.IdxX; slot < SlotCount; slot += Group.DimX)
        {
            slots[slot] = count > ChunkBlocks
                ? SumOfChunks(tensor, reduction, slot, count, zero)
                : SumOfSlot(tensor, reduction, slot, count, zero);
        }

        // Adding +0 turns a total of -0 into 0, so that the sign never depends on how many blocks there are.
        return Folded(slots) + zero;
    }

    /// <summary>Folds slots in shared memory in halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static double Folded(ArrayView<double> slots)
    {
        Group.Barrier();
        for (int half = SlotCount / 2; half >= 1; half >>= 1)
        {
            for (int slot = Group.IdxX; slot < half; slot += Group.DimX)
            {
                slots[slot] += slots[slot + half];
            }

            Group.Barrier();
        }

        double total = slots[0];
        Group.Barrier();
        return total;
    }

    /// <summary>A slot's sum of chunks, each a float64, which <see cref="FoldSum"/> has put there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double SumOfChunks(DeviceTensor tensor, int reduction, int slot, long count, float zero)
    {
        double sum = zero;
        for (long block = (long)slot * ChunkBlocks; block < count; block += (long)SlotCount * ChunkBlocks)
        {
            float low = tensor.LoadPartial(reduction, block);
            if (block + 1 < count)
            {
                ulong upper = Interop.FloatAsInt(tensor.LoadPartial(reduction, block + 1));
                sum += Interop.IntAsFloat((upper << 32) | Interop.FloatAsInt(low));
            }
            else
            {
                sum += low;
            }
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double SumOfSlot(DeviceTensor tensor, int reduction, long block, long count, float zero)
    {
        double sum = zero;
        for (; block + ((LoadsInFlight - 1) * SlotCount) < count; block += LoadsInFlight * SlotCount)
        {
            float x0 = tensor.LoadPartial(reduction, block);
            float x1 = tensor.LoadPartial(reduction, block + SlotCount);
            float x2 = tensor.LoadPartial(reduction, block + (2 * SlotCount));
            float x3 = tensor.LoadPartial(reduction, block + (3 * SlotCount));
            float x4 = tensor.LoadPartial(reduction, block + (4 * SlotCount));
            float x5 = tensor.LoadPartial(reduction, block + (5 * SlotCount));
            float x6 = tensor.LoadPartial(reduction, block + (6 * SlotCount));
            float x7 = tensor.LoadPartial(reduction, block + (7 * SlotCount));
            sum = sum + x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7;
        }

        for (; block < count; block += SlotCount)
        {
            sum += tensor.LoadPartial(reduction, block);
        }

        return sum;
    }
}
