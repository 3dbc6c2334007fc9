using Requant.Generator.Tests.Harness;
using Xunit;

namespace Requant.Generator.Tests;

/// <summary>A rule's TorchSharp optimizer, which the suite of Requant.Torch compiles and runs.</summary>
public sealed class TorchClassTests
{
    public const string Rule =
        """
        public static class Rules
        {
            /// <param name="lr">How far a step goes, if x &lt; <c>y</c>.</param>
            [Requant.OptimizerRule, Requant.TorchOptimizer(Replaces = "torch.optim.SGD")]
            public static void Plain(ref float p, float g, float lr = 0.1f, int everyStep = 2) =>
                p -= lr * g * everyStep;
        }
        """;

    /// <summary>All that the generator asks of Requant.Torch.</summary>
    public const string Torch = "namespace Requant.Torch { public class TorchOptimizer<T>; }";

    [Fact]
    public void Class_WithoutRequantTorch_IsNotMade() =>
        Assert.DoesNotContain(GeneratorRun.Of(Rule).Result.GeneratedSources, IsOfTorch);

    [Fact]
    public void Class_WithRequantTorch_HasArgumentsInSnakeCase()
    {
        string code = Assert.Single(GeneratorRun.Of([Rule, Torch]).Result.GeneratedSources, IsOfTorch).SourceText
            .ToString();

        Assert.Contains(
            "class Plain8bit : global::Requant.Torch.TorchOptimizer<global::Plain>", code, StringComparison.Ordinal);
        Assert.Contains(
            "double lr = 0.1,\n        int every_step = 2,\n        bool maximize = false,", code,
            StringComparison.Ordinal);
        Assert.Contains(
            "<param name=\"lr\">How far a step goes, if x &lt; y, finite.</param>", code, StringComparison.Ordinal);
        Assert.Contains("<c>torch.optim.SGD</c>", code, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("public class Plain8bit;", 0)]
    [InlineData("public partial class Plain8bit;", 1)]
    [InlineData("namespace Other { public class Plain8bit; }", 1)]
    public void Class_OfThatName_StaysTheUsers(string declaration, int made) =>
        Assert.Equal(made, GeneratorRun.Of([Rule, Torch, declaration]).Result.GeneratedSources.Count(IsOfTorch));

    private static bool IsOfTorch(Microsoft.CodeAnalysis.GeneratedSourceResult file) =>
        file.HintName.EndsWith(".Torch.g.cs", StringComparison.Ordinal);
}
