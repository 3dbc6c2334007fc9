using Requant.Optimizers;

namespace Requant.Conformance;

/// <summary>The shipped rules with hyperparameters that reach every kernel variant, and <see cref="Rules"/> of other codecs, block
/// sizes and functions.</summary>
internal static class CaseTable
{
    public static readonly string[] Rules =
    [
        "Adam", "AdamW", "Momentum", "Momentum, nesterov", "Momentum, plain", "RMSProp", "Lamb",
        "EveryFunction", "FourCodecs", "Float8", "Tiles", "OddTiles",
    ];

    /// <summary>Calls <paramref name="check"/> with the rule of that name.</summary>
    public static void With(string rule, ICheck check)
    {
        switch (rule)
        {
            case "Adam": check.Run(new Adam { Lr = 0.01f, WeightDecay = 0.1f }); break;
            case "AdamW": check.Run(new AdamW { Lr = 0.01f, Beta2 = 0.95f }); break;
            case "Momentum": check.Run(new Momentum { Lr = 0.1f, Dampening = 0.1f, WeightDecay = 0.01f }); break;
            case "Momentum, nesterov": check.Run(new Momentum { Lr = 0.1f, Nesterov = true }); break;
            case "Momentum, plain": check.Run(new Momentum { Lr = 0.1f, Beta = 0f }); break;
            case "RMSProp": check.Run(new RMSProp { Lr = 0.01f, WeightDecay = 0.1f }); break;
            case "Lamb": check.Run(new Lamb { Lr = 0.01f }); break;
            case "EveryFunction": check.Run(new EveryFunction()); break;
            case "FourCodecs": check.Run(new FourCodecs()); break;
            case "Float8": check.Run(new Float8()); break;
            case "Tiles": check.Run(new Tiles()); break;
            case "OddTiles": check.Run(new OddTiles()); break;
            default: throw new ArgumentOutOfRangeException(nameof(rule), rule, null);
        }
    }
}

/// <summary>Something to do with a rule of any type.</summary>
internal interface ICheck
{
    void Run<TRule>(TRule rule) where TRule : IOptimizerRule<TRule>;
}
