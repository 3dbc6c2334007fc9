using System.Runtime.CompilerServices;
using ILGPU;
using Requant.CompilerServices;

namespace Requant.Devices;

/// <summary>Kernels of a pass over gradients that changes nothing: sums of squares, and how many elements are not
/// finite. The bits are those of the CPU's pass.</summary>
/// <remarks>Launches are of tensors as a rule's are. There are no codecs: <see cref="LaunchParameters.Table0"/> is the
/// position of float64[blocks], the sum of each block of the launch, and <see cref="LaunchParameters.Table1"/> that of
/// the tensors' results, each a float64, the sum, and an int64, the count, which begins at 0.</remarks>
public static class DeviceGradientSquares
{
    /// <summary>Bytes of a tensor's result.</summary>
    internal const int ResultBytes = sizeof(double) + sizeof(long);

    /// <summary>Loads that a lane has under way at a time; the additions that follow keep their order.</summary>
    private const int LoadsInFlight = 8;

    private const ulong ExponentMask = 0x7ff0_0000_0000_0000;

    /// <summary>Measures blocks, one warp of 32 lanes a block: element i goes to lane i mod 32, in ascending order, and
    /// the lanes are folded in halves.</summary>
    /// <param name="launch">The tensors.</param>
    /// <typeparam name="TGradient">Type of the gradients' elements.</typeparam>
    public static void Measure<TGradient>(LaunchParameters launch)
        where TGradient : struct, IDeviceElementType
    {
        DeviceTensor tensor = default;
        for (uint launchBlock = DeviceGrid.First(launch); launchBlock < launch.BlockCount;
            launchBlock = DeviceGrid.Next(launch, launchBlock))
        {
            if (launchBlock >= tensor.EndBlock)
            {
                tensor = DeviceTensor.Find(launch, launchBlock);
            }

            long start = (long)(launchBlock - tensor.FirstBlock) * launch.BlockSize;
            int length = DeviceGrid.BlockLength(tensor, start, launch.BlockSize);
            double sum = DeviceWarp.Fold(Sum<TGradient>(tensor.Gradient, start, length));
            if (!IsFinite(sum))
            {
                // No finite float32 has a square, nor a block of them a sum, beyond float64: something in it
                // is not finite.
                sum = DeviceWarp.Fold(SumOfFinite<TGradient>(tensor.Gradient, start, length, out long others));
                Atomic.Add(ref DeviceMemory.At<long>(launch.Memory, ResultAt(launch, tensor) + sizeof(double)), others);
            }

            if (DeviceGrid.Lane == 0)
            {
                DeviceMemory.Store(launch.Memory, SquareAt(launch, launchBlock), sum);
            }
        }
    }

    /// <summary>Adds up tensors, one group a tensor: block k goes to slot k mod 256, in ascending order, and the slots
    /// are folded in halves.</summary>
    /// <param name="launch">The tensors.</param>
    public static void Finish(LaunchParameters launch)
    {
        for (int index = DeviceGrid.FirstTensor; index < launch.TensorCount; index += DeviceGrid.TensorStride)
        {
            DeviceTensor tensor = DeviceTensor.At(launch, index);
            // What is folded is at the first block of each chunk.
            long step = tensor.EndBlock - tensor.FirstBlock > DeviceReduction.ChunkBlocks
                ? DeviceReduction.ChunkBlocks
                : 1;
            double sum = SumOf(launch, tensor.FirstBlock, tensor.EndBlock, step);
            if (DeviceGrid.IsFirstThread)
            {
                DeviceMemory.Store(launch.Memory, ResultAt(launch, tensor), sum);
            }
        }
    }

    /// <summary>Puts the sum of a chunk of blocks in the place of its first; see
    /// <see cref="DevicePartialSums"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void FoldChunk(LaunchParameters launch, DeviceTensor tensor, long start)
    {
        long first = tensor.FirstBlock + start;
        long end = tensor.EndBlock - first < DeviceReduction.ChunkBlocks
            ? tensor.EndBlock
            : first + DeviceReduction.ChunkBlocks;
        double sum = SumOf(launch, first, end, 1);
        if (DeviceGrid.IsFirstThread)
        {
            DeviceMemory.Store(launch.Memory, SquareAt(launch, first), sum);
        }
    }

    /// <summary>The sum of every so many blocks' sums, by the threads of a group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double SumOf(LaunchParameters launch, long first, long end, long step)
    {
        ArrayView<double> slots = SharedMemory.Allocate<double>(DeviceReduction.SlotCount);
        for (int slot = Group.IdxX; slot < DeviceReduction.SlotCount; slot += Group.DimX)
        {
            double sum = 0;
            for (long block = first + (slot * step); block < end; block += DeviceReduction.SlotCount * step)
            {
                sum += DeviceMemory.Load<double>(launch.Memory, SquareAt(launch, block));
            }

            slots[slot] = sum;
        }

        return DeviceReduction.Folded(slots);
    }

    /// <summary>A lane's sum. A square of float32 is exact in float64, so that a fused multiply-add gives
    /// the same bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Sum<TGradient>(DeviceElements gradient, long start, int length)
        where TGradient : struct, IDeviceElementType
    {
        double sum = 0;
        int index = DeviceGrid.Lane;
        for (; index + ((LoadsInFlight - 1) * DeviceGrid.WarpSize) < length;
            index += LoadsInFlight * DeviceGrid.WarpSize)
        {
            long first = start + index;
            double x0 = TGradient.Load(gradient, first);
            double x1 = TGradient.Load(gradient, first + DeviceGrid.WarpSize);
            double x2 = TGradient.Load(gradient, first + (2 * DeviceGrid.WarpSize));
            double x3 = TGradient.Load(gradient, first + (3 * DeviceGrid.WarpSize));
            double x4 = TGradient.Load(gradient, first + (4 * DeviceGrid.WarpSize));
            double x5 = TGradient.Load(gradient, first + (5 * DeviceGrid.WarpSize));
            double x6 = TGradient.Load(gradient, first + (6 * DeviceGrid.WarpSize));
            double x7 = TGradient.Load(gradient, first + (7 * DeviceGrid.WarpSize));
            sum = sum + (x0 * x0) + (x1 * x1) + (x2 * x2) + (x3 * x3) + (x4 * x4) + (x5 * x5) + (x6 * x6) + (x7 * x7);
        }

        for (; index < length; index += DeviceGrid.WarpSize)
        {
            double x = TGradient.Load(gradient, start + index);
            sum += x * x;
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double SumOfFinite<TGradient>(DeviceElements gradient, long start, int length, out long others)
        where TGradient : struct, IDeviceElementType
    {
        double sum = 0;
        others = 0;
        for (int index = DeviceGrid.Lane; index < length; index += DeviceGrid.WarpSize)
        {
            float g = TGradient.Load(gradient, start + index);
            if (DeviceMath.IsFinite(g))
            {
                double x = g;
                sum += x * x;
            }
            else
            {
                others++;
            }
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsFinite(double x) => (Interop.FloatAsInt(x) & ExponentMask) != ExponentMask;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long SquareAt(LaunchParameters launch, long launchBlock) =>
        launch.Table0 + (launchBlock * sizeof(double));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long ResultAt(LaunchParameters launch, DeviceTensor tensor) => launch.Table1
        + ((long)((uint)(tensor.Row - launch.Tensors) / (DeviceTensor.RowLength * sizeof(long))) * ResultBytes);
}
