namespace Requant.Numerics.Matrices;

/// <summary>A matrix of float32 in panels of <see cref="PanelColumns"/> columns, one panel after the other, each row by
/// row without gaps; the last panel has the columns that are left.</summary>
/// <remarks>What a product reads of a panel is one run of memory, whatever the size of the matrix.</remarks>
/// <param name="data">The first element.</param>
/// <param name="rows">Its rows.</param>
/// <param name="columns">Its columns.</param>
internal readonly unsafe struct PanelMatrix(float* data, int rows, int columns)
{
    /// <summary>Columns of every panel but the last: a multiple of the rows and of the columns of every
    /// <see cref="ITileKernel"/>.</summary>
    public const int PanelColumns = 48;

    /// <summary>Floats of a cache line, by which matrices are aligned.</summary>
    private const int Alignment = 16;

    /// <summary>Rows of the matrix.</summary>
    public int Rows => rows;

    /// <summary>Columns of the matrix.</summary>
    public int Columns => columns;

    /// <summary>Floats that a matrix needs. They include as many as a panel's row after its end, which kernels read
    /// and of which they use nothing.</summary>
    public static long Length(int rows, int columns)
    {
        long length = ((long)rows * columns) + PanelColumns;
        return (length + Alignment - 1) / Alignment * Alignment;
    }

    /// <summary>Floats from one row of a panel to the next.</summary>
    /// <param name="column">Any column of the panel.</param>
    public int Stride(int column) => Math.Min(PanelColumns, columns - (column - (column % PanelColumns)));

    /// <summary>The place of an element.</summary>
    public float* At(int row, int column)
    {
        int lane = column % PanelColumns;
        return data + ((nint)(column - lane) * rows) + ((nint)row * Stride(column)) + lane;
    }

    /// <summary>Sets the elements of a tile.</summary>
    /// <param name="tile">Of this matrix.</param>
    /// <param name="values">The first; a row is <see cref="Tile.Side"/> floats after the one before.</param>
    public void Store(Tile tile, float* values)
    {
        for (int column = 0; column < tile.Columns; column += PanelColumns)
        {
            int count = Math.Min(PanelColumns, tile.Columns - column);
            float* target = At(tile.Row, tile.Column + column);
            int stride = Stride(tile.Column + column);
            for (int row = 0; row < tile.Rows; row++)
            {
                float* source = values + (row * Tile.Side) + column;
                new ReadOnlySpan<float>(source, count).CopyTo(new Span<float>(target + ((nint)row * stride), count));
            }
        }
    }

    /// <summary>Sets the elements of a tile of the transpose.</summary>
    /// <param name="tile">Of the transpose: its rows are columns of this matrix.</param>
    /// <param name="values">The first; a row is <see cref="Tile.Side"/> floats after the one before.</param>
    public void StoreTransposed(Tile tile, float* values)
    {
        for (int row = 0; row < tile.Rows; row += PanelColumns)
        {
            int count = Math.Min(PanelColumns, tile.Rows - row);
            Transposition.Copy(
                values + (row * Tile.Side), Tile.Side, count, tile.Columns,
                At(tile.Column, tile.Row + row), Stride(tile.Row + row));
        }
    }

    /// <summary>Sets the elements of a tile of the transpose.</summary>
    /// <param name="tile">Of the transpose: its rows are columns of this matrix.</param>
    /// <param name="source">The transpose.</param>
    public void StoreTransposed(Tile tile, PanelMatrix source)
    {
        for (int column = 0; column < tile.Columns; column += PanelColumns)
        {
            int count = Math.Min(PanelColumns, tile.Columns - column);
            float* values = source.At(tile.Row, tile.Column + column);
            int stride = source.Stride(tile.Column + column);
            for (int row = 0; row < tile.Rows; row += PanelColumns)
            {
                Transposition.Copy(
                    values + ((nint)row * stride), stride, Math.Min(PanelColumns, tile.Rows - row), count,
                    At(tile.Column + column, tile.Row + row), Stride(tile.Row + row));
            }
        }
    }
}
