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
        ArrayView<float> slots = SharedMemory.Allocate<float>(SlotCount);
        long count = tensor.EndBlock - tensor.FirstBlock;
        for (int slot = Group.IdxX; slot < SlotCount; slot += Group.DimX)
        {
            float largest = float.NegativeInfinity;
            for (long block = slot; block < count; block += SlotCount)
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
        return DeviceMath.Select(result == float.NegativeInfinity, zero, result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Total(DeviceTensor tensor, int reduction, float zero)
    {
        ArrayView<double> slots = SharedMemory.Allocate<double>(SlotCount);
        for (int slot = Group.IdxX; slot < SlotCount; slot += Group.DimX)
        {
            slots[slot] = SumOfSlot(tensor, reduction, slot, zero);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double SumOfSlot(DeviceTensor tensor, int reduction, int slot, float zero)
    {
        double sum = zero;
        long count = tensor.EndBlock - tensor.FirstBlock;
        long block = slot;
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
