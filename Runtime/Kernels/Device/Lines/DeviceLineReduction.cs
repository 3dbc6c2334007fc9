using System.ComponentModel;
using System.Runtime.CompilerServices;
using ILGPU;

namespace Requant.CompilerServices;

/// <summary>Finishes reductions into rows or columns, or of them, on a device, in the order of <c>TensorReduction</c>:
/// the same bits. For use inside kernels.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class DeviceLineReduction
{
    private const int SlotCount = DeviceReduction.SlotCount;
    private const int ChunkBlocks = DeviceReduction.ChunkBlocks;

    /// <summary>The square root of the sum of squares of values of rows or columns. All threads of a group call
    /// together, and all get the result.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="values">Position of the values; 0 for a state that has no memory, of which nothing is
    /// needed.</param>
    /// <param name="count">How many.</param>
    /// <param name="sums">Position of a float32 for each 256 of them, which are overwritten.</param>
    /// <param name="zero">From <see cref="DeviceMath.OpaqueZero"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Norm(DeviceTensor tensor, long values, long count, long sums, float zero) =>
        (float)Math.Sqrt(TotalOf(tensor, values, count, sums, isOfSquares: true, zero));

    /// <summary>The sum.</summary>
    /// <inheritdoc cref="Norm"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(DeviceTensor tensor, long values, long count, long sums, float zero) =>
        (float)TotalOf(tensor, values, count, sums, isOfSquares: false, zero);

    /// <summary>The largest of them; 0 where there is none.</summary>
    /// <inheritdoc cref="Norm"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(DeviceTensor tensor, long values, long count, long sums, float zero) =>
        Largest(
            tensor.Memory, values, sizeof(float), values == 0 ? 0 : count, DeviceGrid.WarpSize, zero);

    /// <summary>The sum of float32 values in float64: those of a chunk into 256 slots, which are folded in halves, and
    /// chunks likewise.</summary>
    /// <param name="memory">The device's memory.</param>
    /// <param name="position">Position of the first.</param>
    /// <param name="stride">Bytes from one to the next.</param>
    /// <param name="count">How many.</param>
    /// <param name="lanes">1, or 32 where all lanes of a warp call together, and all get the result.</param>
    /// <param name="zero">From <see cref="DeviceMath.OpaqueZero"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static double Total(
        ArrayView<byte> memory, long position, long stride, long count, int lanes, float zero)
    {
        long chunks = (count + ChunkBlocks - 1) / ChunkBlocks;
        int rounds = Rounds(chunks, 1);
        DeviceDoubleFold fold = default;
        for (int round = 0; round < rounds; round++)
        {
            double sum = zero;
            for (long chunk = DeviceDoubleFold.Reversed(round, rounds); chunk < chunks; chunk += SlotCount)
            {
                long first = chunk * ChunkBlocks;
                long left = count - first < ChunkBlocks ? count - first : ChunkBlocks;
                sum += TotalOfChunk(memory, position + (first * stride), stride, left, lanes, zero);
            }

            fold.Add(sum);
        }

        // Adding +0 turns a total of -0 into 0, so that the sign never depends on how many terms there are.
        return fold.Latest + zero;
    }

    /// <summary>The largest of float32 values; 0 where there is none.</summary>
    /// <inheritdoc cref="Total"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Largest(
        ArrayView<byte> memory, long position, long stride, long count, int lanes, float zero)
    {
        float largest = float.NegativeInfinity;
        for (long i = Lane(lanes); i < count; i += lanes)
        {
            largest = DeviceMath.Max(largest, DeviceMemory.Load<float>(memory, position + (i * stride)));
        }

        for (int distance = lanes / 2; distance >= 1; distance >>= 1)
        {
            largest = DeviceMath.Max(largest, Warp.ShuffleXor(largest, distance));
        }

        return DeviceMath.Select(largest == float.NegativeInfinity, zero, largest);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double TotalOfChunk(
        ArrayView<byte> memory, long position, long stride, long count, int lanes, float zero)
    {
        int rounds = Rounds(count, lanes);
        DeviceDoubleFold fold = default;
        for (int round = 0; round < rounds; round++)
        {
            double sum = zero;
            for (long i = Lane(lanes) + (DeviceDoubleFold.Reversed(round, rounds) * lanes); i < count; i += SlotCount)
            {
                sum += DeviceMemory.Load<float>(memory, position + (i * stride));
            }

            fold.Add(sum);
        }

        double total = fold.Latest;
        for (int distance = lanes / 2; distance >= 1; distance >>= 1)
        {
            total += Warp.ShuffleXor(total, distance);
        }

        return total;
    }

    /// <summary>Values one after another, by the threads of a group: each 256 are folded as a block's terms
    /// are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double TotalOf(
        DeviceTensor tensor, long values, long count, long sums, bool isOfSquares, float zero)
    {
        long sumCount = values == 0 ? 0 : (count + SlotCount - 1) / SlotCount;
        for (long sum = Group.IdxX / DeviceGrid.WarpSize; sum < sumCount; sum += Group.DimX / DeviceGrid.WarpSize)
        {
            long first = sum * SlotCount;
            int length = count - first < SlotCount ? (int)(count - first) : SlotCount;
            DeviceFold fold = default;
            int rounds = DeviceFold.Rounds(length);
            for (int round = 0; round < rounds; round++)
            {
                int index = DeviceFold.Element(round, rounds);
                float term = index < length ? tensor.Load(values, first + index) : zero;
                fold.Add(isOfSquares ? term * term : term);
            }

            float result = fold.Finish(length);
            if (DeviceGrid.Lane == 0)
            {
                tensor.Store(sums, sum, result);
            }
        }

        Group.Barrier();
        double total = Total(tensor.Memory, sums, sizeof(float), sumCount, DeviceGrid.WarpSize, zero);
        Group.Barrier();
        return total;
    }

    /// <summary>The least power of two, at most that of all slots, with which threads have a slot for each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Rounds(long count, int lanes)
    {
        int rounds = 1;
        while (rounds * lanes < count && rounds * lanes < SlotCount)
        {
            rounds <<= 1;
        }

        return rounds;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Lane(int lanes) => lanes == 1 ? 0 : DeviceGrid.Lane;
}
