using Requant.Optimizers;

namespace Requant.Conformance;

/// <summary>The shipped rules with hyperparameters that reach every kernel variant, <see cref="Rules"/>, and the tensors they run on.</summary>
internal static class CaseTable
{
    public static readonly string[] Rules =
    [
        "Adam", "AdamW", "Momentum", "Momentum, nesterov", "Momentum, plain", "RMSProp", "Lamb",
        "FourCodecs", "Float8", "Tiles", "OddTiles",
    ];

    public static IEnumerable<Case> Cpu(RuleInfo rule) =>
        from length in new[] { 0, 1, 15, 16, 17, 255, 256, 257, 4099, 70_001 }
        from blockSize in Sizes(rule, [16, 64, 256, 2048])
        from quantized in new[] { true, false }
        from hasNonFinite in new[] { true, false }
        where length <= 4099 || blockSize is null or 256
        select new Case(length, blockSize, quantized, hasNonFinite);

    /// <summary>ILGPU's CPU accelerator takes microseconds per element.</summary>
    public static IEnumerable<Case> Ilgpu(RuleInfo rule) =>
        from length in new[] { 1, 31, 255, 257, 700 }
        from blockSize in Sizes(rule, [16, 256])
        from quantized in new[] { true, false }
        select new Case(length, blockSize, quantized, HasNonFinite: true);

    /// <summary>A rule with several block sizes runs with those, and with one instead of them.</summary>
    private static int?[] Sizes(RuleInfo rule, int?[] sizes) =>
        rule.States.DistinctBy(state => state.BlockSize).Count() > 1 ? [null, 64] : sizes;

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
