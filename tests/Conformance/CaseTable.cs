using Requant.Optimizers.Tests.Language;
using Requant.Tests;

namespace Requant.Conformance;

/// <summary>The shipped rules, and rules of this project for what they do not use.</summary>
internal static class CaseTable
{
    private static readonly Dictionary<string, Action<IRuleCheck>> Own = new()
    {
        ["KernelNames"] = RuleTable.Case(new KernelNames()),
        ["DynamicMoment"] = RuleTable.Case(new DynamicMoment()),
        ["LinearMoment"] = RuleTable.Case(new LinearMoment()),
        ["SoftSignMoment"] = RuleTable.Case(new SoftSignMoment()),
        ["Float8Moment"] = RuleTable.Case(new Float8Moment()),
        ["Float32Moment"] = RuleTable.Case(new Float32Moment()),
        ["DynamicVariance"] = RuleTable.Case(new DynamicVariance()),
        ["LinearVariance"] = RuleTable.Case(new LinearVariance()),
        ["SquareRootVariance"] = RuleTable.Case(new SquareRootVariance()),
        ["MiniFloatMoment"] = RuleTable.Case(new MiniFloatMoment()),
        ["MiniFloatVariance"] = RuleTable.Case(new MiniFloatVariance()),
        ["RoundedStates"] = RuleTable.Case(new RoundedStates()),
        ["FourCodecs"] = RuleTable.Case(new FourCodecs()),
        ["FourStates"] = RuleTable.Case(new FourStates()),
        ["Constants"] = RuleTable.Case(new Constants()),
        ["NotNumbers"] = RuleTable.Case(new NotNumbers()),
        ["OldParameter"] = RuleTable.Case(new OldParameter()),
        ["EveryFunction"] = RuleTable.Case(new EveryFunction()),
        ["EarlyReturn"] = RuleTable.Case(new EarlyReturn()),
        ["NovoGrad"] = RuleTable.Case(new NovoGrad { WeightDecay = 0.01f }),
        ["Reductions"] = RuleTable.Case(new Reductions()),
        ["Optional"] = RuleTable.Case(new Optional()),
        ["Optional, clip"] = RuleTable.Case(new Optional { Clip = true }),
        ["Optional, all"] = RuleTable.Case(new Optional { UseSecond = true, Clip = true, From = 3 }),
    };

    public static readonly string[] Rules = [.. RuleTable.Names, .. Own.Keys];

    /// <summary>Calls <paramref name="check"/> with the rule of that name.</summary>
    public static void With(string rule, IRuleCheck check)
    {
        if (Own.TryGetValue(rule, out Action<IRuleCheck>? run))
        {
            run(check);
        }
        else
        {
            RuleTable.With(rule, check);
        }
    }
}
