using System.ComponentModel;
using System.Runtime.CompilerServices;
using ILGPU;
using Requant.CompilerServices;

namespace Requant.Devices;

/// <summary>Kernels that add up the partial results of long tensors by many groups of threads, before one group
/// finishes a tensor: each chunk of <see cref="DeviceReduction.ChunkBlocks"/> results becomes one, in the place of its
/// first. The order is that of <c>TensorReduction</c>.</summary>
/// <remarks>A group takes a window of as many blocks of the launch, and the chunks that begin in it: of tensors that
/// have more than one there are at most two, that of the first block and that of the last.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class DevicePartialSums
{
    /// <summary>For reductions of a rule: those of <see cref="LaunchParameters.Table0"/> are sums, those of
    /// <see cref="LaunchParameters.Table1"/> maxima; a bit for each.</summary>
    /// <param name="launch">The tensors.</param>
    public static void Fold(LaunchParameters launch)
    {
        float zero = DeviceMath.OpaqueZero(launch.BlockSize);
        for (uint window = (uint)Grid.IdxX; window * (long)DeviceReduction.ChunkBlocks < launch.BlockCount;
            window += (uint)Grid.DimX)
        {
            uint first = window * DeviceReduction.ChunkBlocks;
            uint last = Math.Min(first + DeviceReduction.ChunkBlocks, launch.BlockCount) - 1;
            Fold(launch, DeviceTensor.Find(launch, first), first, last, zero);
            DeviceTensor ending = DeviceTensor.Find(launch, last);
            if (ending.FirstBlock > first)
            {
                Fold(launch, ending, first, last, zero);
            }
        }
    }

    /// <summary>For the sums of squares of <see cref="DeviceGradientSquares"/>.</summary>
    /// <param name="launch">The tensors.</param>
    public static void FoldSquares(LaunchParameters launch)
    {
        for (uint window = (uint)Grid.IdxX; window * (long)DeviceReduction.ChunkBlocks < launch.BlockCount;
            window += (uint)Grid.DimX)
        {
            uint first = window * DeviceReduction.ChunkBlocks;
            uint last = Math.Min(first + DeviceReduction.ChunkBlocks, launch.BlockCount) - 1;
            FoldSquares(launch, DeviceTensor.Find(launch, first), first, last);
            DeviceTensor ending = DeviceTensor.Find(launch, last);
            if (ending.FirstBlock > first)
            {
                FoldSquares(launch, ending, first, last);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fold(LaunchParameters launch, DeviceTensor tensor, uint first, uint last, float zero)
    {
        long start = ChunkIn(tensor, first, last);
        if (start < 0)
        {
            return;
        }

        long sums = launch.Table0;
        long maxima = launch.Table1;
        for (int reduction = 0; (sums | maxima) != 0; reduction++)
        {
            if ((sums & 1) != 0)
            {
                DeviceReduction.FoldSum(tensor, reduction, start, zero);
            }
            else if ((maxima & 1) != 0)
            {
                DeviceReduction.FoldMax(tensor, reduction, start);
            }

            sums >>= 1;
            maxima >>= 1;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FoldSquares(LaunchParameters launch, DeviceTensor tensor, uint first, uint last)
    {
        long start = ChunkIn(tensor, first, last);
        if (start >= 0)
        {
            DeviceGradientSquares.FoldChunk(launch, tensor, start);
        }
    }

    /// <summary>The first block of a tensor's chunk that begins in a window; -1 where none does, or the tensor has one
    /// chunk.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long ChunkIn(DeviceTensor tensor, uint first, uint last)
    {
        const long Chunk = DeviceReduction.ChunkBlocks;
        long count = tensor.EndBlock - tensor.FirstBlock;
        long into = first > tensor.FirstBlock ? first - tensor.FirstBlock : 0;
        long start = (into + Chunk - 1) / Chunk * Chunk;
        return count > Chunk && start < count && tensor.FirstBlock + start <= last ? start : -1;
    }
}
