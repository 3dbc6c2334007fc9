using Requant.Tests;

namespace Requant.Runtime.Tests;

/// <summary>The runtime's folders; ARCHITECTURE.md says what they are.</summary>
public class LayerTests
{
    [Fact]
    public void Folders_UseThoseBelowThem()
    {
        var layers = new Layers(typeof(BFloat16).Assembly, "Runtime");

        Assert.True(layers.Folders.Count() > 15);
        layers.AssertNoCircles();
        layers.AssertOrder(
            "Numerics", "Codecs", "Kernels", "States", "Steps", "Cpu Devices Checkpoints", "Offload", "");
    }
}
