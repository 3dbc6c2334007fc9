namespace Requant;

/// <summary>Reductions over the whole parameter tensor, for use inside a rule.</summary>
/// <remarks>
/// A rule that reduces runs in phases: each phase recomputes the values it needs from the old states, and only the last
/// one writes. Partial sums are taken per block in a fixed order, so the result has the same bits for every thread
/// count and vector width. Elements whose gradient is not finite take no part. The methods have no body of their own:
/// the generator replaces the calls.
/// </remarks>
public static class Reduce
{
    /// <summary>Euclidean norm: the square root of the sum of <c>x * x</c>.</summary>
    /// <param name="x">The value at one element.</param>
    /// <exception cref="InvalidOperationException">Called outside a rule.</exception>
    public static float Norm(float x) => throw OutsideRule(nameof(Norm));

    /// <summary>Sum of <c>x</c>.</summary>
    /// <param name="x">The value at one element.</param>
    /// <exception cref="InvalidOperationException">Called outside a rule.</exception>
    public static float Sum(float x) => throw OutsideRule(nameof(Sum));

    /// <summary>Arithmetic mean of <c>x</c> over the elements that take part; 0 if none does.</summary>
    /// <param name="x">The value at one element.</param>
    /// <exception cref="InvalidOperationException">Called outside a rule.</exception>
    public static float Mean(float x) => throw OutsideRule(nameof(Mean));

    /// <summary>Largest <c>x</c>; 0 if no element takes part.</summary>
    /// <param name="x">The value at one element.</param>
    /// <exception cref="InvalidOperationException">Called outside a rule.</exception>
    public static float Max(float x) => throw OutsideRule(nameof(Max));

    private static InvalidOperationException OutsideRule(string name) => new(
        $"Reduce.{name} has a meaning only inside a method marked [OptimizerRule]; call the generated optimizer "
        + "instead of the method.");
}
