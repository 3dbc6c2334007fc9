using Requant.Numerics;
using Requant.Tests;

namespace Requant.Conformance.Devices;

/// <summary>What one kernel variant of a rule may cost for each parameter.</summary>
/// <param name="Rule">A name of <see cref="RuleTable"/>.</param>
/// <param name="Phases">What each phase has to read and then, behind <c>&gt;</c>, to write: <c>p</c> and <c>g</c> for
/// parameter and gradient, <c>partial</c> for a reduction's partial result, which is one for each block, and states by
/// their names. <c>|</c> is between phases.</param>
/// <param name="Instructions">The most instructions.</param>
internal sealed record RuleBudget(string Rule, string Phases, InstructionBudget Instructions)
{
    private const int BlockSize = 256;

    /// <summary>What it costs to put a remainder and its element together, which is tested for NaN.</summary>
    private const double ReadRemainder = 5.0;

    /// <summary>What it costs to take them apart.</summary>
    private const double WriteRemainder = 6.0;

    /// <summary>Which step takes this variant.</summary>
    public int Step { get; init; } = 2;

    /// <summary>Whether gradients are multiplied by a scale.</summary>
    public bool IsScaled { get; init; }

    /// <summary>The most instructions with a storage.</summary>
    public double Most(Storage storage) => Instructions.Of(storage) + (storage.HasRemainder
        ? (ReadRemainder * Count(phase => phase.Split('>')[0])) + (WriteRemainder * Count(phase => phase.Split('>')[1]))
        : 0);

    public override string ToString() =>
        Rule + (Step == 1 ? ", first step" : "") + (IsScaled ? ", scaled gradients" : "");

    /// <summary>The fewest bytes that can be read, by buffer.</summary>
    public Dictionary<string, double> LeastRead(RuleInfo info, Storage storage) =>
        Least(info, storage, phase => phase.Split('>')[0]);

    /// <summary>The fewest bytes that can be written, by buffer.</summary>
    public Dictionary<string, double> LeastWritten(RuleInfo info, Storage storage) =>
        Least(info, storage, phase => phase.Split('>')[1]);

    /// <summary>Phases that read, or write, parameters.</summary>
    private int Count(Func<string, string> side) => Phases.Split('|').Count(
        phase => side(phase).Split(' ').Contains("p"));

    private Dictionary<string, double> Least(RuleInfo info, Storage storage, Func<string, string> side)
    {
        var bytes = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (string word in Phases.Split('|')
            .SelectMany(phase => side(phase).Split(' ', StringSplitOptions.RemoveEmptyEntries)))
        {
            foreach ((string buffer, double more) in BuffersOf(word, info, storage))
            {
                bytes[buffer] = bytes.GetValueOrDefault(buffer) + more;
            }
        }

        return bytes;
    }

    private static IEnumerable<(string Buffer, double Bytes)> BuffersOf(string word, RuleInfo info, Storage storage)
    {
        const double PerBlock = (double)sizeof(float) / BlockSize;
        switch (word)
        {
            case "p" when storage.HasRemainder:
                return [("parameter", storage.Elements.Size()), ("remainder", sizeof(short))];
            case "p": return [("parameter", storage.Elements.Size())];
            case "g": return [("gradient", storage.Elements.Size())];
            case "partial": return [("partials", PerBlock)];
        }

        StateInfo state = info.States.Single(one => one.Name == word);
        return storage.IsQuantized && state.Codec != Codec.Float32
            ? [(word + ".codes", sizeof(byte)), (word + ".absmax", PerBlock)]
            : [(word + ".values", sizeof(float))];
    }
}

/// <summary>Executed instructions for each parameter, by how the tensor is kept.</summary>
/// <param name="Float32">Dynamic states, float32 parameter and gradient.</param>
/// <param name="Float16">Dynamic states, float16 parameter and gradient.</param>
/// <param name="BFloat16">Dynamic states, bfloat16 parameter and gradient.</param>
/// <param name="Float32States">Everything float32.</param>
/// <param name="MiniFloat">MiniFloat states, float32 parameter and gradient.</param>
/// <param name="MiniFloatBFloat16">MiniFloat states, bfloat16 parameter and gradient.</param>
/// <param name="Stochastic">As <paramref name="Float32"/>, states rounded stochastically.</param>
/// <param name="MiniFloatStochastic">As <paramref name="MiniFloat"/>, states rounded stochastically.</param>
internal sealed record InstructionBudget(
    double Float32, double Float16, double BFloat16, double Float32States, double MiniFloat, double MiniFloatBFloat16,
    double Stochastic,
    double MiniFloatStochastic)
{

    public double Of(Storage storage) => (storage.States.Codecs, storage.States.Rounding, storage.Elements) switch
    {
        (StateCodecs.Float32, _, _) => Float32States,
        (StateCodecs.MiniFloat, StateRounding.Stochastic, _) => MiniFloatStochastic,
        (StateCodecs.MiniFloat, _, ElementType.BFloat16) => MiniFloatBFloat16,
        (StateCodecs.MiniFloat, _, _) => MiniFloat,
        (_, StateRounding.Stochastic, _) => Stochastic,
        (_, _, ElementType.Float32) => Float32,
        (_, _, ElementType.Float16) => Float16,
        _ => BFloat16,
    };
}
