using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Requant.Numerics.Matrices;

/// <summary>A matrix of float32, row by row, as tensors are.</summary>
/// <param name="data">The first element.</param>
/// <param name="rows">Its rows.</param>
/// <param name="columns">Its columns.</param>
internal readonly unsafe struct RowMatrix(float* data, int rows, int columns)
{
    /// <summary>Rows of the matrix.</summary>
    public int Rows => rows;

    /// <summary>Columns of the matrix.</summary>
    public int Columns => columns;

    /// <summary>Divides the elements of a tile.</summary>
    /// <param name="tile">Of this matrix.</param>
    /// <param name="divisor">By what.</param>
    /// <param name="quotients">Where they go; a row is <see cref="Tile.Side"/> floats after the one before.</param>
    /// <returns>Whether all elements are finite.</returns>
    public bool Divide(Tile tile, float divisor, float* quotients)
    {
        bool isFinite = true;
        for (int row = 0; row < tile.Rows; row++)
        {
            isFinite &= DivideRow(
                At(tile.Row + row, tile.Column), divisor, quotients + (row * Tile.Side), tile.Columns);
        }

        return isFinite;
    }

    /// <summary>Sets the elements of a tile to those of another matrix.</summary>
    /// <param name="tile">Of this matrix and of the other.</param>
    /// <param name="source">The other matrix, of the same size.</param>
    public void Store(Tile tile, PanelMatrix source)
    {
        for (int column = 0; column < tile.Columns; column += PanelMatrix.PanelColumns)
        {
            int count = Math.Min(PanelMatrix.PanelColumns, tile.Columns - column);
            float* values = source.At(tile.Row, tile.Column + column);
            int stride = source.Stride(tile.Column + column);
            for (int row = 0; row < tile.Rows; row++)
            {
                new ReadOnlySpan<float>(values + ((nint)row * stride), count)
                    .CopyTo(new Span<float>(At(tile.Row + row, tile.Column + column), count));
            }
        }
    }

    /// <summary>Sets the elements of a tile of the transpose.</summary>
    /// <param name="tile">Of the transpose: its rows are columns of this matrix.</param>
    /// <param name="source">The transpose.</param>
    public void StoreTransposed(Tile tile, PanelMatrix source)
    {
        for (int column = 0; column < tile.Columns; column += PanelMatrix.PanelColumns)
        {
            int count = Math.Min(PanelMatrix.PanelColumns, tile.Columns - column);
            Transposition.Copy(
                source.At(tile.Row, tile.Column + column), source.Stride(tile.Column + column), tile.Rows, count,
                At(tile.Column + column, tile.Row), columns);
        }
    }

    private float* At(int row, int column) => data + ((nint)row * columns) + column;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool DivideRow(float* elements, float divisor, float* quotients, int count)
    {
        Vector128<float> divisors = Vector128.Create(divisor);
        Vector128<float> largest = Vector128.Create(float.MaxValue);
        Vector128<float> finite = Vector128<float>.AllBitsSet;
        int i = 0;
        for (; i <= count - Vector128<float>.Count; i += Vector128<float>.Count)
        {
            Vector128<float> four = Vector128.Load(elements + i);
            finite &= Vector128.LessThanOrEqual(Vector128.Abs(four), largest);
            (four / divisors).Store(quotients + i);
        }

        bool isFinite = Vector128.EqualsAll(finite.AsInt32(), Vector128<int>.AllBitsSet);
        for (; i < count; i++)
        {
            isFinite &= float.IsFinite(elements[i]);
            quotients[i] = elements[i] / divisor;
        }

        return isFinite;
    }
}
