using Requant.Devices.Driver;

namespace Requant.Runtime.Tests.Devices;

/// <summary>How many groups a multiprocessor holds.</summary>
public class MultiprocessorTests
{
    private static readonly CudaMultiprocessor Hopper = new(Threads: 2048, Registers: 65536, SharedBytes: 228 << 10);

    [Theory]
    [InlineData(32, 0, 256, 8)]
    [InlineData(96, 19244, 256, 2)]
    [InlineData(81, 19244, 256, 2)]
    [InlineData(80, 19244, 256, 3)]
    [InlineData(96, 19244, 128, 5)]
    [InlineData(32, 40 << 10, 256, 5)]
    [InlineData(255, 48 << 10, 1024, 1)]
    [InlineData(0, 0, 32, 64)]
    public void GroupsOf_AFunction_AreThoseThatThreadsRegistersAndSharedMemoryLeave(
        int registers, int sharedBytes, int groupSize, int groups) =>
        Assert.Equal(groups, Hopper.GroupsOf(new CudaFunction(1, "k", registers, 0, sharedBytes, 1024), groupSize));
}
