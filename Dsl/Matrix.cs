namespace Requant;

/// <summary>Functions of the whole parameter as a matrix, for use inside a rule; see <see cref="Shape"/>.</summary>
/// <remarks>What a function reads is computed for all elements first, in float32, for one tensor at a time. If one
/// of those values is not finite, no element of the tensor is updated. The methods have no body of their own: the
/// generator replaces the calls.</remarks>
public static class Matrix
{
    /// <summary>The orthogonal matrix nearest to x, about: the polynomial of Newton and Schulz that Muon uses, with its
    /// coefficients 3.4445, -4.7750 and 2.0315, of x over its Frobenius norm (1e-7 at least). Singular values come out
    /// between about 0.7 and 1.2. Products sum in ascending order by fused multiply-adds.</summary>
    /// <param name="x">The value at one element.</param>
    /// <param name="steps">How often the polynomial is applied; 5 is usual. The same for all elements.</param>
    /// <returns>The result at the same element.</returns>
    /// <exception cref="InvalidOperationException">Called outside a rule.</exception>
    public static float Orthogonalize(float x, int steps = 5) => throw new InvalidOperationException(
        "Matrix.Orthogonalize has a meaning only inside a method marked [OptimizerRule]; call the generated optimizer "
        + "instead of the method.");
}
