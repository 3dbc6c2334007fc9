using Requant.Tests;

namespace Requant.Distributed.Tests;

/// <summary>The project's folders.</summary>
public sealed class LayerTests
{
    [Fact]
    public void Folders_UseThoseBelowThem()
    {
        var layers = new Layers(typeof(ICommunicator).Assembly, "Distributed");

        layers.AssertNoCircles();
        layers.AssertOrder("Faults", "Communication", "Threads Mpi Nccl Sharding", "");
    }
}
