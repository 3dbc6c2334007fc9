using Requant.Tests;
using Xunit;

namespace Requant.Generator.Tests;

/// <summary>The generator's folders; ARCHITECTURE.md says what they are.</summary>
public class LayerTests
{
    [Fact]
    public void Folders_UseThoseBelowThem()
    {
        var layers = new Layers(typeof(OptimizerRuleGenerator).Assembly, "Generator");

        Assert.True(layers.Folders.Count() > 8);
        layers.AssertNoCircles();
        layers.AssertOrder("Support", "Diagnostics", "Ir", "Read", "Lower", "Plan", "Emit", "");
    }
}
