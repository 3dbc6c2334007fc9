using Requant.Optimizers;
using Requant.Optimizers.Tests.Language;

namespace Requant.Conformance;

/// <summary>The shipped rules with hyperparameters that reach every kernel variant, and rules of this project for what
/// they do not use.</summary>
internal static class CaseTable
{
    public static readonly string[] Rules =
    [
        "Adam", "Adam, amsgrad", "AdamW", "AdamW, amsgrad", "Lamb", "AdEMAMix", "AdEMAMix, warm-up", "Adamax", "NAdam", "NAdam, decoupled",
        "Adagrad", "Adadelta", "RMSProp", "RMSProp, centered", "RMSProp, momentum", "RMSProp, centered, momentum",
        "Momentum", "Momentum, nesterov", "Momentum, plain", "SgdW", "SgdW, nesterov", "SgdW, plain",
        "Lion", "Signum", "Signum, plain", "Lars", "Lars, plain",
        "DynamicMoment", "LinearMoment", "SoftSignMoment", "Float8Moment", "Float32Moment",
        "DynamicVariance", "LinearVariance", "SquareRootVariance", "MiniFloatMoment", "MiniFloatVariance", "RoundedStates",
        "FourCodecs", "FourStates", "EveryFunction", "EarlyReturn", "KernelNames", "Constants", "NotNumbers", "OldParameter",
        "NovoGrad", "Reductions", "Optional", "Optional, clip", "Optional, all",
    ];

    /// <summary>Calls <paramref name="check"/> with the rule of that name.</summary>
    public static void With(string rule, ICheck check)
    {
        switch (rule)
        {
            case "Adam": check.Run(new Adam { Lr = 0.01f, WeightDecay = 0.1f }); break;
            case "Adam, amsgrad": check.Run(new Adam { Lr = 0.01f, WeightDecay = 0.1f, Amsgrad = true }); break;
            case "AdamW": check.Run(new AdamW { Lr = 0.01f, Beta2 = 0.95f }); break;
            case "AdamW, amsgrad": check.Run(new AdamW { Lr = 0.01f, Beta2 = 0.95f, Amsgrad = true }); break;
            case "AdEMAMix": check.Run(new AdEMAMix { Lr = 0.01f }); break;
            case "AdEMAMix, warm-up": check.Run(new AdEMAMix { Lr = 0.01f, TAlpha = 5, TBeta3 = 5 }); break;
            case "Adamax": check.Run(new Adamax { Lr = 0.01f, WeightDecay = 0.1f }); break;
            case "NAdam": check.Run(new NAdam { Lr = 0.01f, WeightDecay = 0.1f }); break;
            case "NAdam, decoupled": check.Run(new NAdam { Lr = 0.01f, WeightDecay = 0.1f, DecoupledWeightDecay = true }); break;
            case "Adagrad": check.Run(new Adagrad { Lr = 0.1f, LrDecay = 0.1f, WeightDecay = 0.1f, InitialAccumulator = 0.1f }); break;
            case "Adadelta": check.Run(new Adadelta { WeightDecay = 0.1f }); break;
            case "Momentum": check.Run(new Momentum { Lr = 0.1f, Dampening = 0.1f, WeightDecay = 0.01f }); break;
            case "Momentum, nesterov": check.Run(new Momentum { Lr = 0.1f, Nesterov = true }); break;
            case "Momentum, plain": check.Run(new Momentum { Lr = 0.1f, Beta = 0f }); break;
            case "RMSProp": check.Run(new RMSProp { Lr = 0.01f, WeightDecay = 0.1f }); break;
            case "RMSProp, centered": check.Run(new RMSProp { Lr = 0.01f, Centered = true }); break;
            case "RMSProp, momentum": check.Run(new RMSProp { Lr = 0.01f, Momentum = 0.9f }); break;
            case "RMSProp, centered, momentum": check.Run(new RMSProp { Lr = 0.01f, Momentum = 0.9f, Centered = true }); break;
            case "SgdW": check.Run(new SgdW { Lr = 0.1f, Dampening = 0.1f }); break;
            case "SgdW, nesterov": check.Run(new SgdW { Lr = 0.1f, Nesterov = true }); break;
            case "SgdW, plain": check.Run(new SgdW { Lr = 0.1f, Momentum = 0f }); break;
            case "Lion": check.Run(new Lion { Lr = 0.01f, WeightDecay = 0.1f }); break;
            case "Signum": check.Run(new Signum { Lr = 0.01f, WeightDecay = 0.1f }); break;
            case "Signum, plain": check.Run(new Signum { Lr = 0.01f, Momentum = 0f }); break;
            case "Lars": check.Run(new Lars { WeightDecay = 0.1f }); break;
            case "Lars, plain": check.Run(new Lars { Momentum = 0f }); break;
            case "Lamb": check.Run(new Lamb { Lr = 0.01f }); break;
            case "KernelNames": check.Run(new KernelNames()); break;
            case "DynamicMoment": check.Run(new DynamicMoment()); break;
            case "LinearMoment": check.Run(new LinearMoment()); break;
            case "SoftSignMoment": check.Run(new SoftSignMoment()); break;
            case "Float8Moment": check.Run(new Float8Moment()); break;
            case "Float32Moment": check.Run(new Float32Moment()); break;
            case "DynamicVariance": check.Run(new DynamicVariance()); break;
            case "LinearVariance": check.Run(new LinearVariance()); break;
            case "SquareRootVariance": check.Run(new SquareRootVariance()); break;
            case "MiniFloatMoment": check.Run(new MiniFloatMoment()); break;
            case "MiniFloatVariance": check.Run(new MiniFloatVariance()); break;
            case "RoundedStates": check.Run(new RoundedStates()); break;
            case "FourCodecs": check.Run(new FourCodecs()); break;
            case "FourStates": check.Run(new FourStates()); break;
            case "Constants": check.Run(new Constants()); break;
            case "NotNumbers": check.Run(new NotNumbers()); break;
            case "OldParameter": check.Run(new OldParameter()); break;
            case "EveryFunction": check.Run(new EveryFunction()); break;
            case "EarlyReturn": check.Run(new EarlyReturn()); break;
            case "NovoGrad": check.Run(new NovoGrad { WeightDecay = 0.01f }); break;
            case "Reductions": check.Run(new Reductions()); break;
            case "Optional": check.Run(new Optional()); break;
            case "Optional, clip": check.Run(new Optional { Clip = true }); break;
            case "Optional, all": check.Run(new Optional { UseSecond = true, Clip = true, From = 3 }); break;
            default: throw new ArgumentOutOfRangeException(nameof(rule), rule, null);
        }
    }
}

/// <summary>Something to do with a rule of any type.</summary>
internal interface ICheck
{
    void Run<TRule>(TRule rule) where TRule : IOptimizerRule<TRule>;
}
