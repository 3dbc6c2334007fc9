namespace Requant;

/// <summary>Reductions over the whole parameter tensor, or over each of its rows or columns, for use inside a
/// rule.</summary>
/// <remarks>
/// A rule that reduces runs in phases: each phase recomputes the values it needs from the old states, and only the last
/// one writes. Partial sums are taken per block in a fixed order, so the result has the same bits for every thread
/// count and vector width. Elements whose gradient is not finite take no part. Of a value that is the same for all
/// elements of a row, <see cref="Norm"/>, <see cref="Sum"/>, <see cref="Mean"/> and <see cref="Max"/> take one from
/// each row, and likewise with columns. Rows and columns are those of <see cref="Shape"/>. The methods have no body of
/// their own: the generator replaces the calls.
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

    /// <summary>Euclidean norm of each row: one value for a row, the same for all its elements.</summary>
    /// <param name="x">The value at one element.</param>
    /// <exception cref="InvalidOperationException">Called outside a rule.</exception>
    public static float RowNorm(float x) => throw OutsideRule(nameof(RowNorm));

    /// <summary>Sum of <c>x</c> over each row.</summary>
    /// <param name="x">The value at one element.</param>
    /// <exception cref="InvalidOperationException">Called outside a rule.</exception>
    public static float RowSum(float x) => throw OutsideRule(nameof(RowSum));

    /// <summary>Arithmetic mean of <c>x</c> over the elements of each row that take part; 0 if none does.</summary>
    /// <param name="x">The value at one element.</param>
    /// <exception cref="InvalidOperationException">Called outside a rule.</exception>
    public static float RowMean(float x) => throw OutsideRule(nameof(RowMean));

    /// <summary>Largest <c>x</c> of each row; 0 if no element of it takes part.</summary>
    /// <param name="x">The value at one element.</param>
    /// <exception cref="InvalidOperationException">Called outside a rule.</exception>
    public static float RowMax(float x) => throw OutsideRule(nameof(RowMax));

    /// <summary>Euclidean norm of each column: one value for a column, the same for all its elements.</summary>
    /// <param name="x">The value at one element.</param>
    /// <exception cref="InvalidOperationException">Called outside a rule.</exception>
    public static float ColumnNorm(float x) => throw OutsideRule(nameof(ColumnNorm));

    /// <summary>Sum of <c>x</c> over each column.</summary>
    /// <param name="x">The value at one element.</param>
    /// <exception cref="InvalidOperationException">Called outside a rule.</exception>
    public static float ColumnSum(float x) => throw OutsideRule(nameof(ColumnSum));

    /// <summary>Arithmetic mean of <c>x</c> over the elements of each column that take part; 0 if none does.</summary>
    /// <param name="x">The value at one element.</param>
    /// <exception cref="InvalidOperationException">Called outside a rule.</exception>
    public static float ColumnMean(float x) => throw OutsideRule(nameof(ColumnMean));

    /// <summary>Largest <c>x</c> of each column; 0 if no element of it takes part.</summary>
    /// <param name="x">The value at one element.</param>
    /// <exception cref="InvalidOperationException">Called outside a rule.</exception>
    public static float ColumnMax(float x) => throw OutsideRule(nameof(ColumnMax));

    private static InvalidOperationException OutsideRule(string name) => new(
        $"Reduce.{name} has a meaning only inside a method marked [OptimizerRule]; call the generated optimizer "
        + "instead of the method.");
}
