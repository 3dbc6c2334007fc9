using Requant.CompilerServices;
using Requant.Devices;

namespace Requant.Runtime.Tests.Devices;

/// <summary>How blocks are shared out to the warps of a launch.</summary>
public class WarpScheduleTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 8, 3)]
    [InlineData(1000, 16, 7)]
    [InlineData(100_000, 16, 1)]
    [InlineData(100_003, 16, 500)]
    [InlineData(200_000, 2112, 1)]
    [InlineData(200_001, 2112, 500)]
    public void Share_AnyBlocks_EachIsOfOneWarp(int blocks, int warps, int tensors)
    {
        LaunchParameters launch = WarpSchedule.Share(
            new LaunchParameters { BlockCount = (uint)blocks, TensorCount = tensors }, warps * DeviceGrid.WarpSize);
        var taken = new int[blocks];
        for (uint warp = 0; warp < warps; warp++)
        {
            for (uint block = warp * launch.RunLength; block < launch.BlockCount;
                block = DeviceGrid.Next(launch, block))
            {
                taken[block]++;
            }
        }

        Assert.All(taken, count => Assert.Equal(1, count));
    }

    [Theory]
    [InlineData(1, 2_000_000, 16)]
    [InlineData(1, 160_000, 4)]
    [InlineData(500, 160_000, 16)]
    [InlineData(500, 40_000, 4)]
    [InlineData(500, 8_000, 1)]
    [InlineData(1, 1, 1)]
    public void Share_OfAWholeDevice_HasLongRunsWhereWarpsHaveManyBlocks(int tensors, int blocks, int expected)
    {
        const int Warps = 2112;

        LaunchParameters launch = WarpSchedule.Share(
            new LaunchParameters { BlockCount = (uint)blocks, TensorCount = tensors }, Warps * DeviceGrid.WarpSize);

        Assert.Equal((uint)expected, launch.RunLength);
    }

    [Fact]
    public void Next_OfTheLastBlocksOfALaunch_StaysWithin32Bits()
    {
        LaunchParameters launch = WarpSchedule.Share(
            new LaunchParameters { BlockCount = LaunchParameters.MostBlocks, TensorCount = 2 }, 1 << 20);

        Assert.True((ulong)LaunchParameters.MostBlocks + launch.RunGap + 1 <= uint.MaxValue);
    }
}
