using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Requant.Numerics.Matrices;

/// <summary>Products by vectors of 16: 24 of the 32 registers hold sums.</summary>
internal readonly unsafe struct TileKernel512 : ITileKernel
{
    /// <inheritdoc/>
    public static int Rows => 8;

    /// <inheritdoc/>
    public static int Columns => 3 * Vector512<float>.Count;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Accumulate(
        float* left, nint leftStride, float* right, nint rightStride, int depth, float* sums)
    {
        Vector512<float> a0 = Vector512.Load(sums);
        Vector512<float> b0 = Vector512.Load(sums + Vector512<float>.Count);
        Vector512<float> c0 = Vector512.Load(sums + (2 * Vector512<float>.Count));
        Vector512<float> a1 = Vector512.Load(sums + Tile.Side);
        Vector512<float> b1 = Vector512.Load(sums + Tile.Side + Vector512<float>.Count);
        Vector512<float> c1 = Vector512.Load(sums + Tile.Side + (2 * Vector512<float>.Count));
        Vector512<float> a2 = Vector512.Load(sums + (2 * Tile.Side));
        Vector512<float> b2 = Vector512.Load(sums + (2 * Tile.Side) + Vector512<float>.Count);
        Vector512<float> c2 = Vector512.Load(sums + (2 * Tile.Side) + (2 * Vector512<float>.Count));
        Vector512<float> a3 = Vector512.Load(sums + (3 * Tile.Side));
        Vector512<float> b3 = Vector512.Load(sums + (3 * Tile.Side) + Vector512<float>.Count);
        Vector512<float> c3 = Vector512.Load(sums + (3 * Tile.Side) + (2 * Vector512<float>.Count));
        Vector512<float> a4 = Vector512.Load(sums + (4 * Tile.Side));
        Vector512<float> b4 = Vector512.Load(sums + (4 * Tile.Side) + Vector512<float>.Count);
        Vector512<float> c4 = Vector512.Load(sums + (4 * Tile.Side) + (2 * Vector512<float>.Count));
        Vector512<float> a5 = Vector512.Load(sums + (5 * Tile.Side));
        Vector512<float> b5 = Vector512.Load(sums + (5 * Tile.Side) + Vector512<float>.Count);
        Vector512<float> c5 = Vector512.Load(sums + (5 * Tile.Side) + (2 * Vector512<float>.Count));
        Vector512<float> a6 = Vector512.Load(sums + (6 * Tile.Side));
        Vector512<float> b6 = Vector512.Load(sums + (6 * Tile.Side) + Vector512<float>.Count);
        Vector512<float> c6 = Vector512.Load(sums + (6 * Tile.Side) + (2 * Vector512<float>.Count));
        Vector512<float> a7 = Vector512.Load(sums + (7 * Tile.Side));
        Vector512<float> b7 = Vector512.Load(sums + (7 * Tile.Side) + Vector512<float>.Count);
        Vector512<float> c7 = Vector512.Load(sums + (7 * Tile.Side) + (2 * Vector512<float>.Count));
        for (; depth > 0; depth--)
        {
            Vector512<float> first = Vector512.Load(right);
            Vector512<float> second = Vector512.Load(right + Vector512<float>.Count);
            Vector512<float> third = Vector512.Load(right + (2 * Vector512<float>.Count));
            Vector512<float> factor0 = Vector512.Create(left[0]);
            a0 = Vector512.FusedMultiplyAdd(factor0, first, a0);
            b0 = Vector512.FusedMultiplyAdd(factor0, second, b0);
            c0 = Vector512.FusedMultiplyAdd(factor0, third, c0);
            Vector512<float> factor1 = Vector512.Create(left[1]);
            a1 = Vector512.FusedMultiplyAdd(factor1, first, a1);
            b1 = Vector512.FusedMultiplyAdd(factor1, second, b1);
            c1 = Vector512.FusedMultiplyAdd(factor1, third, c1);
            Vector512<float> factor2 = Vector512.Create(left[2]);
            a2 = Vector512.FusedMultiplyAdd(factor2, first, a2);
            b2 = Vector512.FusedMultiplyAdd(factor2, second, b2);
            c2 = Vector512.FusedMultiplyAdd(factor2, third, c2);
            Vector512<float> factor3 = Vector512.Create(left[3]);
            a3 = Vector512.FusedMultiplyAdd(factor3, first, a3);
            b3 = Vector512.FusedMultiplyAdd(factor3, second, b3);
            c3 = Vector512.FusedMultiplyAdd(factor3, third, c3);
            Vector512<float> factor4 = Vector512.Create(left[4]);
            a4 = Vector512.FusedMultiplyAdd(factor4, first, a4);
            b4 = Vector512.FusedMultiplyAdd(factor4, second, b4);
            c4 = Vector512.FusedMultiplyAdd(factor4, third, c4);
            Vector512<float> factor5 = Vector512.Create(left[5]);
            a5 = Vector512.FusedMultiplyAdd(factor5, first, a5);
            b5 = Vector512.FusedMultiplyAdd(factor5, second, b5);
            c5 = Vector512.FusedMultiplyAdd(factor5, third, c5);
            Vector512<float> factor6 = Vector512.Create(left[6]);
            a6 = Vector512.FusedMultiplyAdd(factor6, first, a6);
            b6 = Vector512.FusedMultiplyAdd(factor6, second, b6);
            c6 = Vector512.FusedMultiplyAdd(factor6, third, c6);
            Vector512<float> factor7 = Vector512.Create(left[7]);
            a7 = Vector512.FusedMultiplyAdd(factor7, first, a7);
            b7 = Vector512.FusedMultiplyAdd(factor7, second, b7);
            c7 = Vector512.FusedMultiplyAdd(factor7, third, c7);
            left += leftStride;
            right += rightStride;
        }

        a0.Store(sums);
        b0.Store(sums + Vector512<float>.Count);
        c0.Store(sums + (2 * Vector512<float>.Count));
        a1.Store(sums + Tile.Side);
        b1.Store(sums + Tile.Side + Vector512<float>.Count);
        c1.Store(sums + Tile.Side + (2 * Vector512<float>.Count));
        a2.Store(sums + (2 * Tile.Side));
        b2.Store(sums + (2 * Tile.Side) + Vector512<float>.Count);
        c2.Store(sums + (2 * Tile.Side) + (2 * Vector512<float>.Count));
        a3.Store(sums + (3 * Tile.Side));
        b3.Store(sums + (3 * Tile.Side) + Vector512<float>.Count);
        c3.Store(sums + (3 * Tile.Side) + (2 * Vector512<float>.Count));
        a4.Store(sums + (4 * Tile.Side));
        b4.Store(sums + (4 * Tile.Side) + Vector512<float>.Count);
        c4.Store(sums + (4 * Tile.Side) + (2 * Vector512<float>.Count));
        a5.Store(sums + (5 * Tile.Side));
        b5.Store(sums + (5 * Tile.Side) + Vector512<float>.Count);
        c5.Store(sums + (5 * Tile.Side) + (2 * Vector512<float>.Count));
        a6.Store(sums + (6 * Tile.Side));
        b6.Store(sums + (6 * Tile.Side) + Vector512<float>.Count);
        c6.Store(sums + (6 * Tile.Side) + (2 * Vector512<float>.Count));
        a7.Store(sums + (7 * Tile.Side));
        b7.Store(sums + (7 * Tile.Side) + Vector512<float>.Count);
        c7.Store(sums + (7 * Tile.Side) + (2 * Vector512<float>.Count));
    }
}
