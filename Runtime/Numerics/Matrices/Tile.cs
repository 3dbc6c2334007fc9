namespace Requant.Numerics.Matrices;

/// <summary>A part of a matrix that one thread computes at once: a square but at the matrix's last rows and
/// columns.</summary>
/// <param name="Row">Its first row, where a panel of a <see cref="PanelMatrix"/> begins.</param>
/// <param name="Column">Its first column, where a panel begins.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="Columns">Its columns.</param>
internal readonly record struct Tile(int Row, int Column, int Rows, int Columns)
{
    /// <summary>Rows and columns of the largest tiles: two panels. Larger tiles would read less memory, and would not
    /// leave room in a core's cache for what comes next.</summary>
    public const int Side = 2 * PanelMatrix.PanelColumns;

    /// <summary>Rows and columns of tiles where there would be too few of the largest for the threads.</summary>
    public const int SmallSide = PanelMatrix.PanelColumns;

    /// <summary>Floats of a tile's sums, which always have the memory of the largest.</summary>
    public const int Length = Side * Side;

    /// <summary>Whether it is on the diagonal of a matrix cut into tiles.</summary>
    public bool IsDiagonal => Row == Column;

    /// <summary>Tiles of a matrix.</summary>
    /// <param name="rows">Of the matrix.</param>
    /// <param name="columns">Of the matrix.</param>
    /// <param name="side">Of the tiles.</param>
    public static int Count(int rows, int columns, int side) =>
        checked(CountAlong(rows, side) * CountAlong(columns, side));

    /// <summary>Tiles on and above the diagonal of a square matrix.</summary>
    /// <param name="rows">Rows of the matrix, and columns.</param>
    /// <param name="side">Of the tiles.</param>
    public static int CountOfTriangle(int rows, int side)
    {
        long along = CountAlong(rows, side);
        return checked((int)(along * (along + 1) / 2));
    }

    /// <summary>A tile of a matrix, of which those one below another follow each other.</summary>
    /// <param name="index">From 0 to below <see cref="Count"/>.</param>
    /// <param name="rows">Of the matrix.</param>
    /// <param name="columns">Of the matrix.</param>
    /// <param name="side">Of the tiles.</param>
    public static Tile Of(int index, int rows, int columns, int side)
    {
        (int tileColumn, int tileRow) = Math.DivRem(index, CountAlong(rows, side));
        return At(tileRow, tileColumn, rows, columns, side);
    }

    /// <summary>A tile on or above the diagonal, in the same order.</summary>
    /// <param name="index">From 0 to below <see cref="CountOfTriangle"/>.</param>
    /// <param name="rows">Rows of the matrix, and columns.</param>
    /// <param name="side">Of the tiles.</param>
    public static Tile OfTriangle(int index, int rows, int side)
    {
        // Before column n come n (n + 1) / 2 tiles. A double's root is exact enough for every index.
        int tileColumn = (int)((Math.Sqrt((8d * index) + 1d) - 1d) / 2d);
        int tileRow = (int)(index - ((long)tileColumn * (tileColumn + 1) / 2));
        return At(tileRow, tileColumn, rows, rows, side);
    }

    private static int CountAlong(int length, int side) => (int)(((long)length + side - 1) / side);

    private static Tile At(int tileRow, int tileColumn, int rows, int columns, int side)
    {
        int row = tileRow * side;
        int column = tileColumn * side;
        return new Tile(row, column, Math.Min(side, rows - row), Math.Min(side, columns - column));
    }
}
