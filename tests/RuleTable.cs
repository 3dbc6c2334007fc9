using Requant.Optimizers;

namespace Requant.Tests;

/// <summary>The shipped rules, each with hyperparameters that make every term of its formula matter, and that together
/// reach every kernel variant.</summary>
internal static class RuleTable
{
    /// <summary>Large enough that its place in the formula shows.</summary>
    private const float Eps = 1e-3f;

    private static readonly Dictionary<string, Action<IRuleCheck>> Cases = new()
    {
        ["Adam"] = Case(new Adam { Lr = 0.01f, WeightDecay = 0.1f, Eps = Eps }),
        ["Adam, amsgrad"] = Case(new Adam { Lr = 0.01f, Beta2 = 0.9f, WeightDecay = 0.1f, Eps = Eps, Amsgrad = true }),
        ["AdamW"] = Case(new AdamW { Lr = 0.01f, WeightDecay = 0.1f, Eps = Eps }),
        ["AdamW, amsgrad"] = Case(
            new AdamW { Lr = 0.01f, Beta2 = 0.9f, WeightDecay = 0.1f, Eps = Eps, Amsgrad = true }),
        ["Lamb"] = Case(new Lamb { Lr = 0.01f, WeightDecay = 0.1f, Eps = Eps }),
        ["AdEMAMix"] = Case(new AdEMAMix { Lr = 0.01f, Beta3 = 0.99f, WeightDecay = 0.1f, Eps = Eps }),
        ["AdEMAMix, warm-up"] = Case(
            new AdEMAMix { Lr = 0.01f, Beta3 = 0.99f, TAlpha = 12, TBeta3 = 16, WeightDecay = 0.1f, Eps = Eps }),
        ["Adamax"] = Case(new Adamax { Lr = 0.01f, Beta2 = 0.95f, WeightDecay = 0.1f, Eps = Eps }),
        ["NAdam"] = Case(new NAdam { Lr = 0.01f, WeightDecay = 0.1f, Eps = Eps, MomentumDecay = 0.4f }),
        ["NAdam, decoupled"] = Case(
            new NAdam { Lr = 0.01f, WeightDecay = 0.1f, Eps = Eps, MomentumDecay = 0.4f, DecoupledWeightDecay = true }),
        ["Adagrad"] = Case(new Adagrad { Lr = 0.1f, WeightDecay = 0.1f, Eps = Eps }),
        ["Adagrad, decay and initial accumulator"] = Case(
            new Adagrad { Lr = 0.1f, LrDecay = 0.1f, WeightDecay = 0.1f, InitialAccumulator = 0.01f, Eps = Eps }),
        ["Adadelta"] = Case(new Adadelta { Lr = 0.5f, WeightDecay = 0.1f }),
        ["RMSProp"] = Case(new RMSProp { Lr = 0.01f, WeightDecay = 0.1f, Eps = Eps }),
        ["RMSProp, centered"] = Case(
            new RMSProp { Lr = 0.01f, Alpha = 0.9f, WeightDecay = 0.1f, Eps = Eps, Centered = true }),
        ["RMSProp, momentum"] = Case(new RMSProp { Lr = 0.01f, WeightDecay = 0.1f, Eps = Eps, Momentum = 0.9f }),
        ["RMSProp, centered, momentum"] = Case(
            new RMSProp { Lr = 0.01f, Alpha = 0.9f, Eps = Eps, Momentum = 0.9f, Centered = true }),
        ["Momentum"] = Case(new Momentum { Lr = 0.1f, Dampening = 0.2f, WeightDecay = 0.01f }),
        ["Momentum, nesterov"] = Case(new Momentum { Lr = 0.1f, WeightDecay = 0.01f, Nesterov = true }),
        ["Momentum, plain"] = Case(new Momentum { Lr = 0.1f, Beta = 0f, Dampening = 0.5f }),
        ["SgdW"] = Case(new SgdW { Lr = 0.1f, Dampening = 0.2f, WeightDecay = 0.1f }),
        ["SgdW, nesterov"] = Case(new SgdW { Lr = 0.1f, WeightDecay = 0.1f, Nesterov = true }),
        ["SgdW, plain"] = Case(new SgdW { Lr = 0.1f, Momentum = 0f, Dampening = 0.5f, WeightDecay = 0.1f }),
        ["Lion"] = Case(new Lion { Lr = 0.01f, WeightDecay = 0.1f }),
        ["Signum"] = Case(new Signum { Lr = 0.01f, WeightDecay = 0.1f }),
        ["Signum, plain"] = Case(new Signum { Lr = 0.01f, Momentum = 0f, WeightDecay = 0.1f }),
        ["Lars"] = Case(new Lars { Lr = 1f, WeightDecay = 0.1f, TrustCoefficient = 0.01f, Eps = Eps }),
        ["Lars, plain"] = Case(new Lars { Lr = 1f, Momentum = 0f, TrustCoefficient = 0.01f }),
    };

    private static readonly Dictionary<string, Action<IRuleCheck>> MatrixCases = new()
    {
        ["Muon"] = Case(new Muon { Lr = 0.01f, Eps = Eps }),
        ["Muon, plain"] = Case(new Muon { Lr = 0.01f, Nesterov = false, MatchAdamW = false, Steps = 3 }),
        ["Muon, AdamW"] = Case(new Muon { Lr = 0.01f, Eps = Eps, AdamW = true }),
        ["Adafactor"] = Case(new Adafactor { Lr = 0.1f, WeightDecay = 0.1f, Eps = 1e-6f }),
        ["Adafactor, momentum"] = Case(
            new Adafactor { Lr = 0.1f, Beta1 = 0.9f, Eps = 1e-6f, RelativeStep = false, ScaleParameter = false }),
        ["Came"] = Case(new Came { Lr = 0.01f, WeightDecay = 0.1f, Eps = 1e-6f, Eps2 = 1e-6f }),
        ["Sm3"] = Case(new Sm3()),
        ["Sm3, plain"] = Case(new Sm3 { Beta = 0f }),
    };

    public static IReadOnlyCollection<string> Names => Cases.Keys;

    /// <summary>The rules that see rows, columns or matrices.</summary>
    public static IReadOnlyCollection<string> MatrixNames => MatrixCases.Keys;

    /// <summary>Calls <paramref name="check"/> with the rule of that name.</summary>
    public static void With(string name, IRuleCheck check) =>
        (Cases.TryGetValue(name, out Action<IRuleCheck>? found) ? found : MatrixCases[name])(check);

    /// <summary>A row of a table of rules.</summary>
    public static Action<IRuleCheck> Case<TRule>(TRule rule)
        where TRule : IOptimizerRule<TRule> => check => check.Run(rule);
}

/// <summary>Something to do with a rule of any type.</summary>
internal interface IRuleCheck
{
    void Run<TRule>(TRule rule)
        where TRule : IOptimizerRule<TRule>;
}
