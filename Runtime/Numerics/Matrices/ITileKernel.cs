namespace Requant.Numerics.Matrices;

/// <summary>The innermost loop of matrix products, for one vector width: a few sums that stay in registers.</summary>
internal unsafe interface ITileKernel
{
    /// <summary>Rows of sums: divides <see cref="PanelMatrix.PanelColumns"/>.</summary>
    static abstract int Rows { get; }

    /// <summary>Columns of sums: divides <see cref="PanelMatrix.PanelColumns"/>.</summary>
    static abstract int Columns { get; }

    /// <summary>Adds to each sum the products of its row and column, in order, each by a fused multiply-add:
    /// <c>sums[i, j] = left[k, i] * right[k, j] + sums[i, j]</c>, rounded once, for k from 0 up.</summary>
    /// <param name="left">One factor of the first sum's row.</param>
    /// <param name="leftStride">Floats from there to the next product's factor.</param>
    /// <param name="right">The other factor, of the first sum's column.</param>
    /// <param name="rightStride">Floats from there to the next product's factor.</param>
    /// <param name="depth">Products of a sum.</param>
    /// <param name="sums">The first sum; a row is <see cref="Tile.Side"/> floats after the one before.</param>
    static abstract void Accumulate(
        float* left, nint leftStride, float* right, nint rightStride, int depth, float* sums);
}
