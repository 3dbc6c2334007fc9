using Requant.Optimizers.Tests.Matrices;

namespace Requant.Optimizers.Tests.Published;

/// <summary>As <see cref="PublishedTable"/>, of rules in which rows share something.</summary>
internal static class PublishedLineTable
{
    /// <summary>Large enough that its place in the formula shows.</summary>
    private const float Eps = 1e-3f;

    private static readonly Dictionary<string, Action<Sides, IReferenceCheck>> Cases = new()
    {
        ["AdamMini"] = Case(new AdamMini { Lr = 0.01f, Eps = Eps }, LineReferences.AdamMini),
        ["RowLamb"] = Case(new RowLamb { Lr = 0.01f, WeightDecay = 0.1f, Eps = Eps }, LineReferences.RowLamb),
        ["RowAdagrad"] = Case(new RowAdagrad { Eps = Eps }, LineReferences.RowAdagrad),
    };

    public static IReadOnlyCollection<string> Names => Cases.Keys;

    /// <summary>Calls <paramref name="check"/> with the rule of that name and its reference for a shape.</summary>
    public static void Run(string name, long[] shape, IReferenceCheck check) => Cases[name](Sides.Of(shape), check);

    private static Action<Sides, IReferenceCheck> Case<TRule>(TRule rule, Func<TRule, Sides, Reference> reference)
        where TRule : IOptimizerRule<TRule> =>
        (sides, check) => check.Run(rule, reference(rule, sides), Tolerances.Default);
}
