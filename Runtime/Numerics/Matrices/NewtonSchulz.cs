namespace Requant.Numerics.Matrices;

/// <summary>The Newton-Schulz polynomial of Muon, which brings the singular values of a matrix near 1:
/// X = U / max(norm, 1e-7), then some times A = X Xᵀ, B = b A + c A A, X = a X + B X, all of the transpose where the
/// matrix has more rows than columns.</summary>
/// <remarks>
/// <para>It is computed by passes, each of tiles that threads may take in any order; a pass begins when all tiles of
/// the one before are done. Every sum is a chain of fused multiply-adds over a whole row, from +0 and the first element
/// on, so that neither the threads nor the width of vectors change a bit.</para>
/// <para>A and A A are symmetric, bit by bit, since products commute; half of each is computed.</para>
/// </remarks>
internal static unsafe class NewtonSchulz
{
    /// <summary>Floats of a thread's own scratch.</summary>
    public const int ThreadScratchFloats = Tile.Length;

    /// <summary>The least number by which values are divided.</summary>
    public const float SmallestNorm = 1e-7f;

    /// <summary>a: of X.</summary>
    public const float Linear = 3.4445f;

    /// <summary>b: of X Xᵀ X.</summary>
    public const float Cubic = -4.7750f;

    /// <summary>c: of X Xᵀ X Xᵀ X.</summary>
    public const float Quintic = 2.0315f;

    private const int PassesOfStep = 4;

    /// <summary>Floats of scratch that the passes share, for two matrices of the size of the values and two squares of
    /// the shorter side.</summary>
    /// <param name="rows">Rows of the values.</param>
    /// <param name="columns">Columns of the values.</param>
    public static long ScratchLength(int rows, int columns)
    {
        int shorter = Math.Min(rows, columns);
        return 2 * (PanelMatrix.Length(shorter, shorter) + PanelMatrix.Length(rows, columns));
    }

    /// <summary>Passes to run one after another.</summary>
    /// <param name="steps">How often the polynomial is applied; 0 divides by the norm.</param>
    public static int PassCount(int steps) => 2 + Math.Max(0, (steps * PassesOfStep) - 1);

    /// <summary>One of the passes.</summary>
    /// <param name="index">From 0 to below <see cref="PassCount"/>.</param>
    /// <param name="steps">How often the polynomial is applied.</param>
    /// <param name="operands">The same for all passes.</param>
    /// <param name="width">The vectors to compute with; the result is the same for each.</param>
    /// <param name="threads">How many will run it; the result is the same for any number.</param>
    public static MatrixPass Pass(
        int index, int steps, NewtonSchulzOperands operands, SimdWidth width, int threads) =>
        MatrixPass.For(KindOf(index, steps), operands, width, threads);

    private static MatrixPassKind KindOf(int index, int steps)
    {
        if (index == 0)
        {
            return MatrixPassKind.Import;
        }

        // The last step is exported instead of being transposed.
        return index == PassCount(steps) - 1 ? MatrixPassKind.Export : ((index - 1) % PassesOfStep) switch
        {
            0 => MatrixPassKind.Gram,
            1 => MatrixPassKind.Square,
            2 => MatrixPassKind.Multiply,
            _ => MatrixPassKind.Transpose,
        };
    }
}
