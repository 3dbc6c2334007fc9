namespace Requant.Numerics.Matrices;

/// <summary>A pass of <see cref="NewtonSchulz"/>: tiles that threads may compute at once and in any order.</summary>
/// <param name="kind">What it does.</param>
/// <param name="operands">What it works on.</param>
/// <param name="width">The vectors to compute with.</param>
/// <param name="tileSide">Rows and columns of the tiles.</param>
internal readonly unsafe struct MatrixPass(
    MatrixPassKind kind, NewtonSchulzOperands operands, SimdWidth width, int tileSide)
{
    /// <summary>Tiles for each thread below which they are made smaller, lest threads wait for one's last.</summary>
    private const int LeastTilesOfThread = 8;

    /// <summary>What it does.</summary>
    public MatrixPassKind Kind => kind;

    /// <summary>Tiles, each about as much work as the others but for smaller ones at the sides.</summary>
    public int TileCount => kind is MatrixPassKind.Gram or MatrixPassKind.Square
        ? Tile.CountOfTriangle(operands.Gram.Rows, tileSide)
        : Tile.Count(operands.Values.Rows, operands.Values.Columns, tileSide);

    /// <summary>Creates a pass with tiles that suit some threads.</summary>
    /// <param name="kind">What it does.</param>
    /// <param name="operands">What it works on.</param>
    /// <param name="width">The vectors to compute with.</param>
    /// <param name="threads">How many will run it; the result is the same for any number.</param>
    public static MatrixPass For(MatrixPassKind kind, NewtonSchulzOperands operands, SimdWidth width, int threads)
    {
        MatrixPass pass = new(kind, operands, width, Tile.Side);
        return pass.TileCount >= (long)LeastTilesOfThread * threads
            ? pass
            : new MatrixPass(kind, operands, width, Tile.SmallSide);
    }

    /// <summary>Computes some tiles.</summary>
    /// <param name="first">The first.</param>
    /// <param name="end">After the last.</param>
    /// <param name="threadScratch">This thread's <see cref="NewtonSchulz.ThreadScratchFloats"/> floats.</param>
    public void Run(int first, int end, float* threadScratch)
    {
        for (int index = first; index < end; index++)
        {
            RunTile(index, threadScratch);
        }
    }

    private void RunTile(int index, float* scratch)
    {
        switch (kind)
        {
            case MatrixPassKind.Import:
                Import(Tile.Of(index, operands.Values.Rows, operands.Values.Columns, tileSide), scratch);
                break;
            case MatrixPassKind.Gram:
                ComputeGram(Tile.OfTriangle(index, operands.Gram.Rows, tileSide), new TileSums(scratch));
                break;
            case MatrixPassKind.Square:
                ComputePolynomial(Tile.OfTriangle(index, operands.Gram.Rows, tileSide), new TileSums(scratch));
                break;
            case MatrixPassKind.Multiply:
                ComputeNext(Tile.Of(index, operands.Wide.Rows, operands.Wide.Columns, tileSide), scratch);
                break;
            case MatrixPassKind.Transpose:
                operands.Wide.StoreTransposed(
                    Tile.Of(index, operands.Tall.Rows, operands.Tall.Columns, tileSide), operands.Tall);
                break;
            default:
                Export(Tile.Of(index, operands.Tall.Rows, operands.Tall.Columns, tileSide));
                break;
        }
    }

    private void Import(Tile tile, float* scratch)
    {
        float divisor = MathF.Max(operands.Norm, NewtonSchulz.SmallestNorm);
        if (!operands.Values.Divide(tile, divisor, scratch))
        {
            *operands.NotFinite = 1;
        }

        (operands.IsTall ? operands.Tall : operands.Wide).Store(tile, scratch);
        (operands.IsTall ? operands.Wide : operands.Tall).StoreTransposed(tile, scratch);
    }

    private void ComputeGram(Tile tile, TileSums sums)
    {
        Multiply(operands.Tall, operands.Tall, tile, sums, tile.IsDiagonal);
        sums.StoreSymmetric(tile, operands.Gram);
    }

    // The Gram matrix is its own transpose, as is the polynomial for the next Y.
    private void ComputePolynomial(Tile tile, TileSums sums)
    {
        Multiply(operands.Gram, operands.Gram, tile, sums, tile.IsDiagonal);
        sums.Combine(tile, NewtonSchulz.Quintic, operands.Gram, NewtonSchulz.Cubic);
        sums.StoreSymmetric(tile, operands.Polynomial);
    }

    private void ComputeNext(Tile tile, float* scratch)
    {
        TileSums sums = new(scratch);
        Multiply(operands.Polynomial, operands.Wide, tile, sums, isTriangle: false);
        sums.Add(tile, operands.Wide, NewtonSchulz.Linear);
        operands.Tall.StoreTransposed(tile, scratch);
    }

    private void Multiply(PanelMatrix left, PanelMatrix right, Tile tile, TileSums sums, bool isTriangle)
    {
        switch (width)
        {
            case SimdWidth.Vector512:
                sums.Multiply<TileKernel512>(left, right, tile, isTriangle);
                break;
            case SimdWidth.Vector256:
                sums.Multiply<TileKernel256>(left, right, tile, isTriangle);
                break;
            case SimdWidth.Vector128:
                sums.Multiply<TileKernel128>(left, right, tile, isTriangle);
                break;
            default:
                sums.Multiply<TileKernelScalar>(left, right, tile, isTriangle);
                break;
        }
    }

    private void Export(Tile tile)
    {
        if (operands.IsTall)
        {
            operands.Values.Store(tile, operands.Tall);
        }
        else
        {
            operands.Values.StoreTransposed(tile, operands.Tall);
        }
    }
}
