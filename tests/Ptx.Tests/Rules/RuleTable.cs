using Requant.Optimizers;

namespace Requant.Ptx.Tests.Rules;

/// <summary>The shipped rules with hyperparameters that reach every kernel variant.</summary>
internal static class RuleTable
{
    public static readonly string[] Names =
    [
        "Adadelta", "Adagrad", "Adam", "Adam, amsgrad", "Adamax", "AdamW", "AdamW, amsgrad", "AdEMAMix", "Lamb", "Lars", "Lars, plain",
        "Lion", "Momentum", "Momentum, nesterov", "Momentum, plain", "NAdam", "NAdam, decoupled", "RMSProp", "RMSProp, centered",
        "RMSProp, momentum", "RMSProp, centered, momentum", "SgdW", "SgdW, nesterov", "SgdW, plain", "Signum", "Signum, plain",
    ];

    /// <summary>Calls <paramref name="check"/> with the rule of that name.</summary>
    public static void With(string name, IRuleCheck check)
    {
        switch (name)
        {
            case "Adadelta": check.Run(new Adadelta { WeightDecay = 0.1f }); break;
            case "Adagrad": check.Run(new Adagrad { LrDecay = 0.1f, WeightDecay = 0.1f, InitialAccumulator = 0.1f }); break;
            case "Adam": check.Run(new Adam { Lr = 0.01f, WeightDecay = 0.1f }); break;
            case "Adam, amsgrad": check.Run(new Adam { Lr = 0.01f, Amsgrad = true }); break;
            case "Adamax": check.Run(new Adamax { Lr = 0.01f, WeightDecay = 0.1f }); break;
            case "AdamW": check.Run(new AdamW { Lr = 0.01f, Beta2 = 0.95f }); break;
            case "AdamW, amsgrad": check.Run(new AdamW { Lr = 0.01f, Amsgrad = true }); break;
            case "AdEMAMix": check.Run(new AdEMAMix { Lr = 0.01f, TAlpha = 5, TBeta3 = 5 }); break;
            case "Lamb": check.Run(new Lamb { Lr = 0.01f }); break;
            case "Lars": check.Run(new Lars { WeightDecay = 0.1f }); break;
            case "Lars, plain": check.Run(new Lars { Momentum = 0f }); break;
            case "Lion": check.Run(new Lion { Lr = 0.01f, WeightDecay = 0.1f }); break;
            case "Momentum": check.Run(new Momentum { Lr = 0.1f, Dampening = 0.1f, WeightDecay = 0.01f }); break;
            case "Momentum, nesterov": check.Run(new Momentum { Lr = 0.1f, Nesterov = true }); break;
            case "Momentum, plain": check.Run(new Momentum { Lr = 0.1f, Beta = 0f }); break;
            case "NAdam": check.Run(new NAdam { Lr = 0.01f, WeightDecay = 0.1f }); break;
            case "NAdam, decoupled": check.Run(new NAdam { Lr = 0.01f, WeightDecay = 0.1f, DecoupledWeightDecay = true }); break;
            case "RMSProp": check.Run(new RMSProp { Lr = 0.01f, WeightDecay = 0.1f }); break;
            case "RMSProp, centered": check.Run(new RMSProp { Lr = 0.01f, Centered = true }); break;
            case "RMSProp, momentum": check.Run(new RMSProp { Lr = 0.01f, Momentum = 0.9f }); break;
            case "RMSProp, centered, momentum": check.Run(new RMSProp { Lr = 0.01f, Momentum = 0.9f, Centered = true }); break;
            case "SgdW": check.Run(new SgdW { Lr = 0.1f, Dampening = 0.1f }); break;
            case "SgdW, nesterov": check.Run(new SgdW { Lr = 0.1f, Nesterov = true }); break;
            case "SgdW, plain": check.Run(new SgdW { Lr = 0.1f, Momentum = 0f }); break;
            case "Signum": check.Run(new Signum { Lr = 0.01f, WeightDecay = 0.1f }); break;
            case "Signum, plain": check.Run(new Signum { Lr = 0.01f, Momentum = 0f }); break;
            default: throw new ArgumentOutOfRangeException(nameof(name), name, null);
        }
    }
}

/// <summary>Something to do with a rule of any type.</summary>
internal interface IRuleCheck
{
    void Run<TRule>(TRule rule) where TRule : IOptimizerRule<TRule>;
}
