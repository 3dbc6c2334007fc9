namespace Requant.Numerics.Matrices;

/// <summary>Where the matrices of <see cref="NewtonSchulz"/> are.</summary>
internal readonly unsafe struct NewtonSchulzOperands
{
    /// <summary>Creates the operands.</summary>
    /// <param name="values">The caller's matrix, row by row.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="norm">The square root of the sum of its squares.</param>
    /// <param name="scratch">As many floats as <see cref="NewtonSchulz.ScratchLength"/> says.</param>
    /// <param name="notFinite">Set to 1 by the first pass if a value is NaN or infinite, else left as it is.</param>
    public NewtonSchulzOperands(float* values, int rows, int columns, float norm, float* scratch, int* notFinite)
    {
        Values = new RowMatrix(values, rows, columns);
        Norm = norm;
        NotFinite = notFinite;
        int shorter = Math.Min(rows, columns);
        int longer = Math.Max(rows, columns);
        nint square = (nint)PanelMatrix.Length(shorter, shorter);
        Gram = new PanelMatrix(scratch, shorter, shorter);
        Polynomial = new PanelMatrix(scratch + square, shorter, shorter);
        Wide = new PanelMatrix(scratch + (2 * square), shorter, longer);
        Tall = new PanelMatrix(
            scratch + (2 * square) + (nint)PanelMatrix.Length(shorter, longer), longer, shorter);
    }

    /// <summary>The caller's matrix.</summary>
    public RowMatrix Values { get; }

    /// <summary>By what its values are divided first.</summary>
    public float Norm { get; }

    /// <summary>Where the first pass says that a value is not finite.</summary>
    public int* NotFinite { get; }

    /// <summary>Whether the caller's matrix has more rows than columns, so that Y begins as its transpose.</summary>
    public bool IsTall => Values.Rows > Values.Columns;

    /// <summary>A = Y Yᵀ, symmetric.</summary>
    public PanelMatrix Gram { get; }

    /// <summary>B = b A + c A A, symmetric.</summary>
    public PanelMatrix Polynomial { get; }

    /// <summary>Y.</summary>
    public PanelMatrix Wide { get; }

    /// <summary>The transpose of Y.</summary>
    public PanelMatrix Tall { get; }
}
