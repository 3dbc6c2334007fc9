using Requant.Optimizers;

namespace Requant.Bench.Cpu;

/// <summary>What to measure.</summary>
/// <param name="Rules">Names of rules.</param>
/// <param name="Types">Elements of parameters and gradients.</param>
/// <param name="Shapes">Models.</param>
/// <param name="Threads">Thread counts.</param>
/// <param name="Runs">Timed steps of each contestant.</param>
/// <param name="Width">Vector width of Requant's kernels.</param>
/// <param name="Codecs">Codecs of Requant's states, each in rows of its own.</param>
/// <param name="Rounding">How Requant's states are rounded; as the rule declares when null.</param>
/// <param name="MaxGradientNorm">What Requant's steps clip to; null where they do not clip.</param>
internal sealed record Plan(
    IReadOnlyList<string> Rules,
    IReadOnlyList<ElementType> Types,
    IReadOnlyList<ModelShape> Shapes,
    IReadOnlyList<int> Threads,
    int Runs,
    SimdWidth Width,
    IReadOnlyList<StateCodecs> Codecs,
    StateRounding? Rounding = null,
    float? MaxGradientNorm = null)
{
    /// <summary>Short names of the element types, as rows have them.</summary>
    public static readonly IReadOnlyDictionary<string, ElementType> TypeNames = new Dictionary<string, ElementType>
    {
        ["fp32"] = ElementType.Float32,
        ["bf16"] = ElementType.BFloat16,
        ["fp16"] = ElementType.Float16,
    };

    /// <summary>The short name of an element type.</summary>
    public static string NameOf(ElementType type) => TypeNames.Single(one => one.Value == type).Key;

    private static readonly Dictionary<string, RuleBench> Known = new()
    {
        ["Adam"] = RuleBench.Of(new Adam()),
        ["AdamW"] = RuleBench.Of(new AdamW()),
        ["Momentum"] = RuleBench.Of(new Momentum()),
        ["RMSProp"] = RuleBench.Of(new RMSProp()),
        ["Lamb"] = RuleBench.Of(new Lamb()),
        ["Lion"] = RuleBench.Of(new Lion()),
    };

    /// <summary>Names of all rules that can be measured.</summary>
    public static IReadOnlyList<string> RuleNames { get; } = [.. Known.Keys];

    /// <summary>How to measure a rule.</summary>
    public static RuleBench Rule(string name) => Known[name];
}

/// <summary>A rule, without its type.</summary>
/// <param name="States">States that its default hyperparameters use.</param>
/// <param name="AbsmaxBytes">Bytes per parameter for the maxima of all blocks.</param>
/// <param name="Create">Makes the contestant.</param>
internal sealed record RuleBench(
    int States, double AbsmaxBytes, Func<SharedMemory, ModelShape, Plan, StateCodecs, int, IContestant> Create)
{
    public static RuleBench Of<TRule>(TRule rule) where TRule : IOptimizerRule<TRule>
    {
        StateInfo[] used = [.. TRule.Info.States.Where((_, state) => (rule.StatesInUse(default) >> state & 1) != 0)];
        return new RuleBench(
            used.Length,
            used.Length * sizeof(float) / (double)TRule.Info.BlockSize,
            (memory, shape, plan, codecs, threads) =>
                new RequantStep<TRule>(rule, memory, shape, plan, codecs, threads));
    }
}
