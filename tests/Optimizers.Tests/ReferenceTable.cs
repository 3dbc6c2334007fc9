using Requant.Tests;

namespace Requant.Optimizers.Tests;

/// <summary>The shipped rules with their references.</summary>
internal static class ReferenceTable
{
    public static IReadOnlyCollection<string> Names => RuleTable.Names;

    /// <summary>Calls <paramref name="check"/> with the rule of that name and its reference.</summary>
    public static void Run(string name, IReferenceCheck check) => RuleTable.With(name, new WithReference(check));

    public static Action<IReferenceCheck> Case<TRule>(
        TRule rule, Func<TRule, Reference> reference, Tolerances? allowed = null)
        where TRule : IOptimizerRule<TRule> => check => check.Run(rule, reference(rule), allowed ?? Tolerances.Default);

    private static Reference Of(object rule) => rule switch
    {
        Adadelta adadelta => References.Adadelta(adadelta),
        Adagrad adagrad => References.Adagrad(adagrad),
        Adam adam => References.Adam(adam),
        Adamax adamax => References.Adamax(adamax),
        AdamW adamW => References.AdamW(adamW),
        AdEMAMix ademamix => References.AdEMAMix(ademamix),
        Lamb lamb => References.Lamb(lamb),
        Lars lars => References.Lars(lars),
        Lion lion => References.Lion(lion),
        Momentum momentum => References.Momentum(momentum),
        NAdam nadam => References.NAdam(nadam),
        RMSProp rmsprop => References.RMSProp(rmsprop),
        SgdW sgdW => References.SgdW(sgdW),
        Signum signum => References.Signum(signum),
        _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "There is no reference."),
    };

    private sealed class WithReference(IReferenceCheck check) : IRuleCheck
    {
        public void Run<TRule>(TRule rule)
            where TRule : IOptimizerRule<TRule> => check.Run(rule, Of(rule), Tolerances.Default);
    }
}

/// <summary>Something to do with a rule of any type and its reference.</summary>
internal interface IReferenceCheck
{
    void Run<TRule>(TRule rule, Reference reference, Tolerances allowed) where TRule : IOptimizerRule<TRule>;
}
