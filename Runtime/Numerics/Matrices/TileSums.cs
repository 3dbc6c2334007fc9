using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Requant.Numerics.Matrices;

/// <summary>The sums of a tile: <see cref="Tile.Length"/> floats, where a row is <see cref="Tile.Side"/> floats after
/// the one before. Where the tile is smaller, the rest of a row holds anything.</summary>
/// <param name="sums">The first.</param>
internal readonly unsafe struct TileSums(float* sums)
{
    /// <summary>Products of each sum before the next sums' turn: the factors of as many stay in the nearest
    /// cache.</summary>
    private const int Depth = 96;

    /// <summary>Floats of a cache line.</summary>
    private const int CacheLine = 16;

    /// <summary>Sets each sum to that of a row of one matrix and a column of another, which is a product of the first
    /// matrix's transpose: <c>left[k, i] * right[k, j]</c>, one fused multiply-add after the other for k from 0 up,
    /// the first of them to +0.</summary>
    /// <typeparam name="TKernel">Of the vector width; the result is the same for each.</typeparam>
    /// <param name="left">A column is a row of the tile's matrix.</param>
    /// <param name="right">A column is one of the tile's matrix; as many rows as <paramref name="left"/>.</param>
    /// <param name="tile">Which sums.</param>
    /// <param name="isTriangle">Whether those below the tile's own diagonal may be left out.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Multiply<TKernel>(PanelMatrix left, PanelMatrix right, Tile tile, bool isTriangle)
        where TKernel : struct, ITileKernel
    {
        int kernels = (tile.Rows + TKernel.Rows - 1) / TKernel.Rows;
        new Span<float>(sums, kernels * TKernel.Rows * Tile.Side).Clear();
        for (int depth = 0; depth < left.Rows; depth += Depth)
        {
            int count = Math.Min(Depth, left.Rows - depth);
            for (int column = 0; column < tile.Columns; column += TKernel.Columns)
            {
                int rows = isTriangle ? Math.Min(tile.Rows, column + TKernel.Columns) : tile.Rows;
                AddColumns<TKernel>(left, right, tile, depth, count, column, rows);
            }
        }
    }

    /// <summary>Replaces each sum s by <c>factor * s + (otherFactor * other)</c>: a product, then a fused
    /// multiply-add.</summary>
    /// <param name="tile">Which sums.</param>
    /// <param name="factor">Of the sums.</param>
    /// <param name="other">The matrix of which the tile is too.</param>
    /// <param name="otherFactor">Of the matrix.</param>
    public void Combine(Tile tile, float factor, PanelMatrix other, float otherFactor)
    {
        for (int column = 0; column < tile.Columns; column += PanelMatrix.PanelColumns)
        {
            float* elements = other.At(tile.Row, tile.Column + column);
            int stride = other.Stride(tile.Column + column);
            int count = Math.Min(PanelMatrix.PanelColumns, tile.Columns - column);
            for (int row = 0; row < tile.Rows; row++)
            {
                CombineRow(
                    sums + (row * Tile.Side) + column, factor, elements + ((nint)row * stride), otherFactor, count);
            }
        }
    }

    /// <summary>Adds a matrix's elements times a factor to the sums by a fused multiply-add.</summary>
    /// <param name="tile">Which sums.</param>
    /// <param name="other">The matrix of which the tile is too.</param>
    /// <param name="factor">Of the matrix.</param>
    public void Add(Tile tile, PanelMatrix other, float factor)
    {
        for (int column = 0; column < tile.Columns; column += PanelMatrix.PanelColumns)
        {
            float* elements = other.At(tile.Row, tile.Column + column);
            int stride = other.Stride(tile.Column + column);
            int count = Math.Min(PanelMatrix.PanelColumns, tile.Columns - column);
            for (int row = 0; row < tile.Rows; row++)
            {
                AddRow(sums + (row * Tile.Side) + column, elements + ((nint)row * stride), factor, count);
            }
        }
    }

    /// <summary>Stores the sums of a symmetric matrix on both sides of its diagonal.</summary>
    /// <param name="tile">On or above the diagonal. If it is on it, only the sums on and above it matter.</param>
    /// <param name="target">The matrix.</param>
    public void StoreSymmetric(Tile tile, PanelMatrix target)
    {
        if (tile.IsDiagonal)
        {
            Mirror(tile.Rows);
        }
        else
        {
            target.StoreTransposed(tile, sums);
        }

        target.Store(tile, sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddColumns<TKernel>(
        PanelMatrix left, PanelMatrix right, Tile tile, int depth, int count, int column, int rows)
        where TKernel : struct, ITileKernel
    {
        float* rightPanel = right.At(depth, tile.Column + column - (column % PanelMatrix.PanelColumns));
        int rightStride = right.Stride(tile.Column + column);
        for (int row = 0; row < rows; row += TKernel.Rows)
        {
            int lane = row % PanelMatrix.PanelColumns;
            float* leftPanel = left.At(depth, tile.Row + row - lane);
            int leftStride = left.Stride(tile.Row + row);
            Fetch<TKernel>(leftPanel + (leftStride * Depth), rightPanel + (rightStride * Depth), row, column);
            TKernel.Accumulate(
                leftPanel + lane, leftStride, rightPanel + (column % PanelMatrix.PanelColumns), rightStride, count,
                sums + (row * Tile.Side) + column);
        }
    }

    // Asks for the factors of the next products: for as large a part of them as this run of the kernel is of the tile.
    // The last panel of a matrix is narrower, and what is asked for past its end does no harm.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fetch<TKernel>(float* nextLeft, float* nextRight, int row, int column)
        where TKernel : struct, ITileKernel
    {
        if (Sse.IsSupported)
        {
            nextLeft += (column * PanelMatrix.PanelColumns) + (row % PanelMatrix.PanelColumns * TKernel.Columns);
            nextRight += (row * PanelMatrix.PanelColumns) + (column % PanelMatrix.PanelColumns * TKernel.Rows);
            for (int i = 0; i < TKernel.Rows * TKernel.Columns; i += CacheLine)
            {
                Sse.Prefetch1(nextLeft + i);
                Sse.Prefetch1(nextRight + i);
            }
        }
    }

    // Rows are computed by whole vectors, since there is memory after each of them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CombineRow(float* row, float factor, float* elements, float elementFactor, int count)
    {
        Vector128<float> factors = Vector128.Create(factor);
        Vector128<float> elementFactors = Vector128.Create(elementFactor);
        for (int i = 0; i < count; i += Vector128<float>.Count)
        {
            Vector128<float> product = elementFactors * Vector128.Load(elements + i);
            Vector128.FusedMultiplyAdd(factors, Vector128.Load(row + i), product).Store(row + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddRow(float* row, float* elements, float factor, int count)
    {
        Vector128<float> factors = Vector128.Create(factor);
        for (int i = 0; i < count; i += Vector128<float>.Count)
        {
            Vector128.FusedMultiplyAdd(factors, Vector128.Load(elements + i), Vector128.Load(row + i)).Store(row + i);
        }
    }

    private void Mirror(int side)
    {
        for (int row = 1; row < side; row++)
        {
            for (int column = 0; column < row; column++)
            {
                sums[(row * Tile.Side) + column] = sums[(column * Tile.Side) + row];
            }
        }
    }
}
