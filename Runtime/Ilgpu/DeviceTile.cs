using System.Runtime.CompilerServices;
using ILGPU;

namespace Requant.Ilgpu;

/// <summary>How generated ILGPU kernels take a tile whose states differ in block size: segment by segment, within which no
/// state changes its block. For use inside kernels.</summary>
/// <remarks>
/// Old absmax must stay readable until the second pass is over, and a tile can have more blocks than a warp has registers
/// for. So the first pass writes new absmax to <see cref="DeviceState.NextAbsmax"/>, the second reads both, and then they
/// are copied.
/// </remarks>
public static class DeviceTile
{
    /// <summary>One past the last element of the segment that begins at <paramref name="segment"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SegmentEnd(DeviceModel model, int segment, int length)
    {
        int end = segment + model.SegmentSize;
        return end < length ? end : length;
    }

    /// <summary>Makes what each lane has written visible to the others. All lanes call together.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Publish()
    {
        MemoryFence.DeviceLevel();
        Warp.Barrier();
    }
}
