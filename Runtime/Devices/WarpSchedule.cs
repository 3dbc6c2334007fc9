using System.Numerics;
using Requant.CompilerServices;

namespace Requant.Devices;

/// <summary>How blocks are shared out to warps: in runs of neighbours, which are mostly of one tensor. A warp that
/// comes to another tensor has to look it up, and has not prefetched its first block.</summary>
internal static class WarpSchedule
{
    /// <summary>More would save little: one block in as many of a run finds another tensor.</summary>
    private const int Longest = 16;

    /// <summary>Runs of a warp: with fewer, warps that have one run more than others would be waited for.</summary>
    private const int RunsOfWarp = 4;

    /// <summary>The same for one tensor, of which short runs cost little.</summary>
    private const int RunsInOneTensor = 16;

    /// <summary>A launch with its runs.</summary>
    /// <param name="launch">What is launched.</param>
    /// <param name="threads">Threads of all groups.</param>
    public static LaunchParameters Share(in LaunchParameters launch, long threads)
    {
        long warps = threads / DeviceGrid.WarpSize;
        uint length = LengthFor(launch, warps);
        return launch with { RunLength = length, RunGap = (uint)(warps - 1) * length };
    }

    private static uint LengthFor(in LaunchParameters launch, long warps)
    {
        long runs = Math.Max(1, warps * (launch.TensorCount == 1 ? RunsInOneTensor : RunsOfWarp));
        return 1u << BitOperations.Log2((ulong)Math.Clamp(launch.BlockCount / runs, 1, Longest));
    }
}
