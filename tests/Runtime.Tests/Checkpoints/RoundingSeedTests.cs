using System.Text.Json.Nodes;
using Requant.Runtime.Tests.Support;

namespace Requant.Runtime.Tests.Checkpoints;

/// <summary>What a checkpoint keeps of stochastic rounding. That training goes on with the same bits is in
/// Optimizers.Tests.</summary>
public sealed class RoundingSeedTests
{
    private static readonly OptimizerOptions Stochastic =
        new() { Rounding = ParameterRounding.Stochastic, RoundingSeed = 5 };

    private static readonly OptimizerOptions StochasticStates =
        new() { StateRounding = StateRounding.Stochastic, RoundingSeed = 6 };

    [Theory]
    [InlineData(0ul), InlineData(7ul), InlineData(ulong.MaxValue)]
    public void Load_OfStochasticRounding_TakesTheSeedOfTheFile(ulong seed)
    {
        using Optimizer<Adam> source = Saved.Make(1, Stochastic with { RoundingSeed = seed });
        using Optimizer<Adam> optimizer = Saved.Make(2, Stochastic);

        Saved.Load(optimizer, Saved.Bytes(source));

        Assert.Equal(seed, optimizer.RoundingSeed);
        Assert.Equal(5ul, optimizer.Options.RoundingSeed);
        Assert.Equal(Saved.Bytes(source), Saved.Bytes(optimizer));
    }

    [Fact]
    public void Save_WithRoundingToNearest_HasNoSeed()
    {
        using Optimizer<Adam> nearest = Saved.Make(1, new OptimizerOptions { RoundingSeed = 5 });
        using Optimizer<Adam> stochastic = Saved.Make(1, Stochastic);
        using Optimizer<Adam> states = Saved.Make(1, StochasticStates);

        Assert.DoesNotContain("rounding_seed", Saved.Header(Saved.Bytes(nearest)), StringComparison.Ordinal);
        Assert.Contains("\\\"rounding_seed\\\":5", Saved.Header(Saved.Bytes(stochastic)), StringComparison.Ordinal);
        Assert.Contains("\\\"rounding_seed\\\":6", Saved.Header(Saved.Bytes(states)), StringComparison.Ordinal);
        Assert.Contains(
            "\\\"parameter_rounding\\\":\\\"Nearest\\\"", Saved.Header(Saved.Bytes(states)), StringComparison.Ordinal);
    }

    /// <summary>A state in float32 is not rounded, whatever the options say.</summary>
    [Fact]
    public void Save_OfStochasticStates_SaysItOfThoseThatAreQuantized()
    {
        using Optimizer<Adam> states = Saved.Make(1, StochasticStates);
        string header = Saved.Header(Saved.Bytes(states));

        Assert.Equal(2, header.Split("\\\"rounding\\\":\\\"Stochastic\\\"").Length - 1);
        Assert.Equal(2, header.Split("\\\"rounding\\\":\\\"Nearest\\\"").Length - 1);
    }

    [Fact]
    public void Load_OfOtherRoundingOfStates_IsRefusedUnlessAllowed()
    {
        using Optimizer<Adam> nearest = Saved.Make(1);
        using Optimizer<Adam> stochastic = Saved.Make(2, StochasticStates);

        AssertRefusedUnlessAllowed(nearest, stochastic, "make the optimizer with StateRounding = Nearest, or");
        AssertRefusedUnlessAllowed(stochastic, nearest, "make the optimizer with StateRounding = Stochastic, or");
    }

    [Fact]
    public void Load_OfStatesThatWereInFloat32_HasNoOtherRounding()
    {
        using Optimizer<Adam> source = Saved.Make(
            1, new OptimizerOptions { Codecs = StateCodecs.Float32, StateRounding = StateRounding.Stochastic });
        using Optimizer<Adam> stochastic = Saved.Make(2, StochasticStates);

        Saved.Load(stochastic, Saved.Bytes(source), new LoadOptions { ConvertPrecision = true });

        Assert.Equal(6ul, stochastic.RoundingSeed);
        Assert.DoesNotContain("rounding_seed", Saved.Header(Saved.Bytes(source)), StringComparison.Ordinal);
    }

    [Fact]
    public void Save_StochasticWithoutASeed_Throws()
    {
        using Optimizer<Adam> states = Saved.Make(1, StochasticStates);
        string file = Path.GetTempFileName();
        CheckpointParameter[] parameters = [new(states.Parameters[0], Shape: null, Group: 0)];

        Assert.Throws<ArgumentException>(() => Checkpoint.Save(file, RuleInfo.Of<Adam>(), [], parameters));
        Assert.Throws<ArgumentException>(
            () => Checkpoint.Save(file, RuleInfo.Of<Adam>(), [], [], ParameterRounding.Stochastic));
        File.Delete(file);
    }

    [Fact]
    public void Load_OfOtherRounding_IsRefusedUnlessAllowed()
    {
        using Optimizer<Adam> nearest = Saved.Make(1);
        using Optimizer<Adam> stochastic = Saved.Make(2, Stochastic);

        AssertRefusedUnlessAllowed(nearest, stochastic, "Rounding = Nearest and this optimizer has Stochastic");
        AssertRefusedUnlessAllowed(stochastic, nearest, "Rounding = Stochastic and this optimizer has Nearest");
    }

    private static void AssertRefusedUnlessAllowed(Optimizer<Adam> source, Optimizer<Adam> optimizer, string says)
    {
        byte[] before = Saved.Bytes(optimizer);
        Saved.Steps(source, 9, 1);

        CheckpointException exception = Assert.Throws<CheckpointException>(
            () => Saved.Load(optimizer, Saved.Bytes(source)));
        Assert.Contains(says, exception.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(LoadOptions.AcceptOtherRounding), exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, Saved.Bytes(optimizer));

        Saved.Load(optimizer, Saved.Bytes(source), new LoadOptions { AcceptOtherRounding = true });
        Assert.Equal(source.Parameters[0].States["m"].Codes, optimizer.Parameters[0].States["m"].Codes);
        Assert.Equal(
            optimizer.Options.StateRounding ?? StateRounding.Nearest, optimizer.Parameters[0].States["m"].Rounding);
        JsonObject header = JsonNode.Parse(Saved.Header(Saved.Bytes(optimizer)))!.AsObject();
        JsonNode manifest = JsonNode.Parse((string)header["__metadata__"]!["requant"]!)!;
        bool isStochastic = optimizer.Options.Rounding == ParameterRounding.Stochastic
            || optimizer.Options.StateRounding == StateRounding.Stochastic;
        Assert.Equal(isStochastic ? optimizer.Options.RoundingSeed : null, (ulong?)manifest["rounding_seed"]);
    }
}
