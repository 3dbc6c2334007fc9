using Requant.Optimizers;
using Requant.Ptx;
using Requant.Tests;

namespace Requant.Conformance.Devices;

/// <summary>What a step tells about its traffic.</summary>
public class TrafficTests
{
    private const int Length = 4 * 256;
    private const int Seed = 5;

    [Fact]
    public void Step_OfFloat32States_MovesEachElementOnceAndTellsHow()
    {
        var options = new OptimizerOptions { MinQuantizedLength = long.MaxValue };
        using var optimizer = new PtxOptimizer<Adam>(new Adam(), options);
        ParameterState state = optimizer.Add("w", Length);

        optimizer.Step(state, HardValues.Parameters(Length, Seed), HardValues.Parameters(Length, Seed + 1));

        const long Bytes = Length * sizeof(float);
        PtxTraffic parameter = optimizer.LastStep.Traffic["parameter"];
        Assert.Equal((Bytes, Bytes), (parameter.DistinctBytesRead, parameter.DistinctBytesWritten));
        PtxAccess[] accesses = [.. optimizer.LastStep.Instructions.GlobalAccesses
            .Where(access => access.Buffers.Contains("parameter"))];
        Assert.Equal(2 * Bytes, accesses.Sum(access => access.LanesByBuffer["parameter"] * access.BytesPerLane));
        Assert.Contains(accesses, access => access.IsStore);
        Assert.All(accesses, access => Assert.NotEqual(PtxAccessKind.Atomic, access.Kind));
    }
}
