namespace Requant.Optimizers.Tests;

/// <summary>The shipped rules, each with hyperparameters that make every term of its formula matter, and their references.</summary>
internal static class RuleTable
{
    /// <summary>Large enough that its place in the formula shows.</summary>
    private const float Eps = 1e-3f;

    private static readonly Dictionary<string, Action<IRuleCheck>> Cases = new()
    {
        ["Adam"] = Case(new Adam { Lr = 0.01f, WeightDecay = 0.1f, Eps = Eps }, References.Adam),
        ["Adam, amsgrad"] = Case(new Adam { Lr = 0.01f, Beta2 = 0.9f, WeightDecay = 0.1f, Eps = Eps, Amsgrad = true }, References.Adam),
        ["AdamW"] = Case(new AdamW { Lr = 0.01f, WeightDecay = 0.1f, Eps = Eps }, References.AdamW),
        ["AdamW, amsgrad"] = Case(new AdamW { Lr = 0.01f, Beta2 = 0.9f, WeightDecay = 0.1f, Eps = Eps, Amsgrad = true }, References.AdamW),
        ["Lamb"] = Case(new Lamb { Lr = 0.01f, WeightDecay = 0.1f, Eps = Eps }, References.Lamb),
        ["AdEMAMix"] = Case(new AdEMAMix { Lr = 0.01f, Beta3 = 0.99f, WeightDecay = 0.1f, Eps = Eps }, References.AdEMAMix),
        ["AdEMAMix, warm-up"] = Case(
            new AdEMAMix { Lr = 0.01f, Beta3 = 0.99f, TAlpha = 12, TBeta3 = 16, WeightDecay = 0.1f, Eps = Eps }, References.AdEMAMix),
        ["Adamax"] = Case(new Adamax { Lr = 0.01f, Beta2 = 0.95f, WeightDecay = 0.1f, Eps = Eps }, References.Adamax),
        ["NAdam"] = Case(new NAdam { Lr = 0.01f, WeightDecay = 0.1f, Eps = Eps, MomentumDecay = 0.4f }, References.NAdam),
        ["NAdam, decoupled"] = Case(
            new NAdam { Lr = 0.01f, WeightDecay = 0.1f, Eps = Eps, MomentumDecay = 0.4f, DecoupledWeightDecay = true }, References.NAdam),
        ["Adagrad"] = Case(new Adagrad { Lr = 0.1f, WeightDecay = 0.1f, Eps = Eps }, References.Adagrad),
        ["Adagrad, decay and initial accumulator"] = Case(
            new Adagrad { Lr = 0.1f, LrDecay = 0.1f, WeightDecay = 0.1f, InitialAccumulator = 0.01f, Eps = Eps }, References.Adagrad),
        ["Adadelta"] = Case(new Adadelta { Lr = 0.5f, WeightDecay = 0.1f }, References.Adadelta),
        ["RMSProp"] = Case(new RMSProp { Lr = 0.01f, WeightDecay = 0.1f, Eps = Eps }, References.RMSProp),
        ["RMSProp, centered"] = Case(
            new RMSProp { Lr = 0.01f, Alpha = 0.9f, WeightDecay = 0.1f, Eps = Eps, Centered = true }, References.RMSProp),
        ["RMSProp, momentum"] = Case(new RMSProp { Lr = 0.01f, WeightDecay = 0.1f, Eps = Eps, Momentum = 0.9f }, References.RMSProp),
        ["RMSProp, centered, momentum"] = Case(
            new RMSProp { Lr = 0.01f, Alpha = 0.9f, Eps = Eps, Momentum = 0.9f, Centered = true }, References.RMSProp),
        ["Momentum"] = Case(new Momentum { Lr = 0.1f, Dampening = 0.2f, WeightDecay = 0.01f }, References.Momentum),
        ["Momentum, nesterov"] = Case(new Momentum { Lr = 0.1f, WeightDecay = 0.01f, Nesterov = true }, References.Momentum),
        ["Momentum, plain"] = Case(new Momentum { Lr = 0.1f, Beta = 0f, Dampening = 0.5f }, References.Momentum),
        ["SgdW"] = Case(new SgdW { Lr = 0.1f, Dampening = 0.2f, WeightDecay = 0.1f }, References.SgdW),
        ["SgdW, nesterov"] = Case(new SgdW { Lr = 0.1f, WeightDecay = 0.1f, Nesterov = true }, References.SgdW),
        ["SgdW, plain"] = Case(new SgdW { Lr = 0.1f, Momentum = 0f, Dampening = 0.5f, WeightDecay = 0.1f }, References.SgdW),
        ["Lion"] = Case(new Lion { Lr = 0.01f, WeightDecay = 0.1f }, References.Lion),
        ["Signum"] = Case(new Signum { Lr = 0.01f, WeightDecay = 0.1f }, References.Signum),
        ["Signum, plain"] = Case(new Signum { Lr = 0.01f, Momentum = 0f, WeightDecay = 0.1f }, References.Signum),
        ["Lars"] = Case(new Lars { Lr = 1f, WeightDecay = 0.1f, TrustCoefficient = 0.01f, Eps = Eps }, References.Lars),
        ["Lars, plain"] = Case(new Lars { Lr = 1f, Momentum = 0f, TrustCoefficient = 0.01f }, References.Lars),
    };

    public static IReadOnlyCollection<string> Names => Cases.Keys;

    /// <summary>Calls <paramref name="check"/> with the rule of that name and its reference.</summary>
    public static void Run(string name, IRuleCheck check) => Cases[name](check);

    public static Action<IRuleCheck> Case<TRule>(TRule rule, Func<TRule, Reference> reference, Tolerances? allowed = null)
        where TRule : IOptimizerRule<TRule> => check => check.Run(rule, reference(rule), allowed ?? Tolerances.Default);
}

/// <summary>Something to do with a rule of any type and its reference.</summary>
internal interface IRuleCheck
{
    void Run<TRule>(TRule rule, Reference reference, Tolerances allowed) where TRule : IOptimizerRule<TRule>;
}
