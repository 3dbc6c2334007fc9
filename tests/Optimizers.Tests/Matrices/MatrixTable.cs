using Requant.Tests;

namespace Requant.Optimizers.Tests.Matrices;

/// <summary>The shipped rules that see rows, columns or matrices, with their references for a shape.</summary>
internal static class MatrixTable
{
    /// <summary>The polynomial of Newton and Schulz multiplies small singular values by 3.4445 in each of five steps,
    /// 485 times in all, and with them what 6e-8 of the largest one is.</summary>
    private static readonly Tolerances Polynomial = new() { Cancellation = 3e-5 };

    /// <summary>What is stored is g over a root of two means, themselves sums of float32: ten roundings.</summary>
    private static readonly Tolerances Factored = new() { Absmax = 5e-6 };

    public static IReadOnlyCollection<string> Names => RuleTable.MatrixNames;

    /// <summary>Two dimensions, of which either is the longer; three; a row, a column and a vector, which are no
    /// matrices.</summary>
    public static TheoryData<string, long[]> CasesOf(IEnumerable<string> names) =>
    [
        .. from name in names
           from shape in (long[][])[[7, 129], [64, 33], [5, 3, 17], [1, 40], [40, 1], [300]]
           select (name, shape),
    ];

    /// <summary>Calls <paramref name="check"/> with the rule of that name and its reference.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="shape">What the reference is for.</param>
    /// <param name="check">What to do.</param>
    public static void Run(string name, long[] shape, IReferenceCheck check) =>
        RuleTable.With(name, new WithReference(Sides.Of(shape), check));

    private static (Reference Reference, Tolerances Allowed) Of(object rule, Sides sides) => rule switch
    {
        Muon muon => (MatrixReferences.Muon(muon, sides), Polynomial),
        Adafactor adafactor => (MatrixReferences.Adafactor(adafactor, sides), Factored),
        Came came => (MatrixReferences.Came(came, sides), Factored),
        Sm3 sm3 => (MatrixReferences.Sm3(sm3, sides), Tolerances.Default),
        _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "There is no reference."),
    };

    private sealed class WithReference(Sides sides, IReferenceCheck check) : IRuleCheck
    {
        public void Run<TRule>(TRule rule)
            where TRule : IOptimizerRule<TRule>
        {
            (Reference reference, Tolerances allowed) = Of(rule, sides);
            check.Run(rule, reference, allowed);
        }
    }
}
