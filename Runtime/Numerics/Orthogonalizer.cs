namespace Requant;

/// <summary>Computes <see cref="Matrix.Orthogonalize"/> of one matrix in place, on the CPU.</summary>
/// <param name="matrix">float32[<paramref name="rows"/> * <paramref name="columns"/>], row by row; all finite.</param>
/// <param name="rows">Rows.</param>
/// <param name="columns">Columns.</param>
/// <param name="norm">Its Frobenius norm.</param>
/// <param name="steps">How often the polynomial is applied.</param>
public delegate void Orthogonalizer(Span<float> matrix, int rows, int columns, float norm, int steps);
