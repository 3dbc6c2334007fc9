using System.Text.Json.Nodes;
using Requant.Runtime.Tests.Handwritten;
using Xunit;

namespace Requant.Runtime.Tests.Checkpoints;

/// <summary>What a checkpoint keeps of stochastic rounding. That training goes on with the same bits is in Optimizers.Tests.</summary>
public sealed class RoundingSeedTests
{
    private static readonly OptimizerOptions Stochastic = new() { Rounding = ParameterRounding.Stochastic, RoundingSeed = 5 };

    [Theory]
    [InlineData(0ul), InlineData(7ul), InlineData(ulong.MaxValue)]
    public void Load_OfStochasticRounding_TakesTheSeedOfTheFile(ulong seed)
    {
        using Optimizer<HandWrittenAdam> source = Saved.Make(1, Stochastic with { RoundingSeed = seed });
        using Optimizer<HandWrittenAdam> optimizer = Saved.Make(2, Stochastic);

        Saved.Load(optimizer, Saved.Bytes(source));

        Assert.Equal(seed, optimizer.RoundingSeed);
        Assert.Equal(5ul, optimizer.Options.RoundingSeed);
        Assert.Equal(Saved.Bytes(source), Saved.Bytes(optimizer));
    }

    /// <summary>Files of versions that knew no other rounding are the same as files without a seed.</summary>
    [Fact]
    public void Save_WithRoundingToNearest_HasNoSeed()
    {
        using Optimizer<HandWrittenAdam> nearest = Saved.Make(1, new OptimizerOptions { RoundingSeed = 5 });
        using Optimizer<HandWrittenAdam> stochastic = Saved.Make(1, Stochastic);

        Assert.DoesNotContain("rounding_seed", Saved.Header(Saved.Bytes(nearest)), StringComparison.Ordinal);
        Assert.Contains("\\\"rounding_seed\\\":5", Saved.Header(Saved.Bytes(stochastic)), StringComparison.Ordinal);
        Assert.Equal(Saved.EditManifest(Saved.Bytes(nearest), _ => { }), Saved.EditManifest(Saved.Bytes(stochastic), one => Assert.True(one.Remove("rounding_seed"))));
    }

    [Fact]
    public void Load_OfOtherRounding_IsRefusedUnlessAllowed()
    {
        using Optimizer<HandWrittenAdam> nearest = Saved.Make(1);
        using Optimizer<HandWrittenAdam> stochastic = Saved.Make(2, Stochastic);

        AssertRefusedUnlessAllowed(nearest, stochastic, "Rounding = Nearest and this optimizer has Stochastic");
        AssertRefusedUnlessAllowed(stochastic, nearest, "Rounding = Stochastic and this optimizer has Nearest");
    }

    private static void AssertRefusedUnlessAllowed(Optimizer<HandWrittenAdam> source, Optimizer<HandWrittenAdam> optimizer, string says)
    {
        byte[] before = Saved.Bytes(optimizer);
        Saved.Steps(source, 9, 1);

        CheckpointException exception = Assert.Throws<CheckpointException>(() => Saved.Load(optimizer, Saved.Bytes(source)));
        Assert.Contains(says, exception.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(LoadOptions.AcceptOtherRounding), exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, Saved.Bytes(optimizer));

        Saved.Load(optimizer, Saved.Bytes(source), new LoadOptions { AcceptOtherRounding = true });
        Assert.Equal(source.Parameters[0].States["m"].Codes, optimizer.Parameters[0].States["m"].Codes);
        JsonObject header = JsonNode.Parse(Saved.Header(Saved.Bytes(optimizer)))!.AsObject();
        JsonNode manifest = JsonNode.Parse((string)header["__metadata__"]!["requant"]!)!;
        Assert.Equal(
            optimizer.Options.Rounding == ParameterRounding.Stochastic ? 5ul : null, (ulong?)manifest["rounding_seed"]);
    }
}
