using System.ComponentModel;
using System.Runtime.CompilerServices;
using ILGPU;

namespace Requant.CompilerServices;

/// <summary>How generated ILGPU kernels share out the blocks of a launch: one warp of 32 lanes a block, in a
/// grid-stride loop. For use inside kernels.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class DeviceGrid
{
    /// <summary>Lanes of a warp; the launching side refuses accelerators that differ.</summary>
    public const int WarpSize = 32;

    /// <summary>This thread's lane, from 0 to 31.</summary>
    public static int Lane
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Group.IdxX & (WarpSize - 1);
    }

    /// <summary>The first block of this thread's warp.</summary>
    public static long FirstBlock
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ((long)Grid.IdxX * (Group.DimX / WarpSize)) + (Group.IdxX / WarpSize);
    }

    /// <summary>Warps of the launch: the step from one block of a warp to its next.</summary>
    public static long BlockStride
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (long)Grid.DimX * (Group.DimX / WarpSize);
    }

    /// <summary>Number of this thread in the launch.</summary>
    public static long FirstThread
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ((long)Grid.IdxX * Group.DimX) + Group.IdxX;
    }

    /// <summary>Threads of the launch: the step from one row or column of a thread to its next.</summary>
    public static long ThreadStride
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (long)Grid.DimX * Group.DimX;
    }

    /// <summary>The first of all blocks that this thread's warp takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint First(LaunchParameters launch) => (uint)FirstBlock * launch.RunLength;

    /// <summary>The block that a warp takes after another one: the next, or from the end of its run on the first of
    /// its next run.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Next(LaunchParameters launch, uint block)
    {
        block++;
        return (block & (launch.RunLength - 1)) == 0 ? block + launch.RunGap : block;
    }

    /// <summary>The first tensor of this thread's group, where groups take tensors.</summary>
    public static int FirstTensor
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Grid.IdxX;
    }

    /// <summary>Groups of the launch: the step from one tensor of a group to its next.</summary>
    public static int TensorStride
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Grid.DimX;
    }

    /// <summary>Whether this is the first thread of its group.</summary>
    public static bool IsFirstThread
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Group.IdxX == 0;
    }

    /// <summary>Elements of the block that begins at <paramref name="start"/>.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="start">Its first element, in the tensor.</param>
    /// <param name="blockSize">Elements of a whole one.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int BlockLength(DeviceTensor tensor, long start, int blockSize)
    {
        long rest = tensor.Length - start;
        return rest < blockSize ? (int)rest : blockSize;
    }

    /// <summary>Counts elements that were skipped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CountSkipped(LaunchParameters launch, long skipped) =>
        Atomic.Add(ref DeviceMemory.At<long>(launch.Memory, launch.Skipped), skipped);
}
