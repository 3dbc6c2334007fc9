namespace Requant;

/// <summary>The parameter as a matrix, for use inside a rule: its first dimension by all others together. A vector or a
/// scalar has one row.</summary>
/// <remarks>The same for all elements and known before the first step, so that a condition on it selects a kernel, and
/// decides which states a parameter has. The properties have no body of their own: the generator replaces
/// them.</remarks>
public static class Shape
{
    /// <summary>Rows: the length of the first of two or more dimensions; 1 otherwise. Divide as floats:
    /// <c>(float)Shape.Rows / Shape.Columns</c>.</summary>
    /// <exception cref="InvalidOperationException">Read outside a rule.</exception>
    public static int Rows => throw OutsideRule(nameof(Rows));

    /// <summary>Columns: elements of a row.</summary>
    /// <exception cref="InvalidOperationException">Read outside a rule.</exception>
    public static int Columns => throw OutsideRule(nameof(Columns));

    /// <summary>Whether the parameter has two dimensions or more, and more than one row and one column.</summary>
    /// <exception cref="InvalidOperationException">Read outside a rule.</exception>
    public static bool IsMatrix => throw OutsideRule(nameof(IsMatrix));

    private static InvalidOperationException OutsideRule(string name) => new(
        $"Shape.{name} has a meaning only inside a method marked [OptimizerRule]; call the generated optimizer instead "
        + "of the method.");
}
