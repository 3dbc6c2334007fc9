using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Requant.Numerics.Matrices;

/// <summary>Products by vectors of 8: 12 of the 16 registers hold sums.</summary>
internal readonly unsafe struct TileKernel256 : ITileKernel
{
    /// <inheritdoc/>
    public static int Rows => 6;

    /// <inheritdoc/>
    public static int Columns => 2 * Vector256<float>.Count;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Accumulate(
        float* left, nint leftStride, float* right, nint rightStride, int depth, float* sums)
    {
        Vector256<float> a0 = Vector256.Load(sums);
        Vector256<float> b0 = Vector256.Load(sums + Vector256<float>.Count);
        Vector256<float> a1 = Vector256.Load(sums + Tile.Side);
        Vector256<float> b1 = Vector256.Load(sums + Tile.Side + Vector256<float>.Count);
        Vector256<float> a2 = Vector256.Load(sums + (2 * Tile.Side));
        Vector256<float> b2 = Vector256.Load(sums + (2 * Tile.Side) + Vector256<float>.Count);
        Vector256<float> a3 = Vector256.Load(sums + (3 * Tile.Side));
        Vector256<float> b3 = Vector256.Load(sums + (3 * Tile.Side) + Vector256<float>.Count);
        Vector256<float> a4 = Vector256.Load(sums + (4 * Tile.Side));
        Vector256<float> b4 = Vector256.Load(sums + (4 * Tile.Side) + Vector256<float>.Count);
        Vector256<float> a5 = Vector256.Load(sums + (5 * Tile.Side));
        Vector256<float> b5 = Vector256.Load(sums + (5 * Tile.Side) + Vector256<float>.Count);
        for (; depth > 0; depth--)
        {
            Vector256<float> first = Vector256.Load(right);
            Vector256<float> second = Vector256.Load(right + Vector256<float>.Count);
            Vector256<float> factor0 = Vector256.Create(left[0]);
            a0 = Vector256.FusedMultiplyAdd(factor0, first, a0);
            b0 = Vector256.FusedMultiplyAdd(factor0, second, b0);
            Vector256<float> factor1 = Vector256.Create(left[1]);
            a1 = Vector256.FusedMultiplyAdd(factor1, first, a1);
            b1 = Vector256.FusedMultiplyAdd(factor1, second, b1);
            Vector256<float> factor2 = Vector256.Create(left[2]);
            a2 = Vector256.FusedMultiplyAdd(factor2, first, a2);
            b2 = Vector256.FusedMultiplyAdd(factor2, second, b2);
            Vector256<float> factor3 = Vector256.Create(left[3]);
            a3 = Vector256.FusedMultiplyAdd(factor3, first, a3);
            b3 = Vector256.FusedMultiplyAdd(factor3, second, b3);
            Vector256<float> factor4 = Vector256.Create(left[4]);
            a4 = Vector256.FusedMultiplyAdd(factor4, first, a4);
            b4 = Vector256.FusedMultiplyAdd(factor4, second, b4);
            Vector256<float> factor5 = Vector256.Create(left[5]);
            a5 = Vector256.FusedMultiplyAdd(factor5, first, a5);
            b5 = Vector256.FusedMultiplyAdd(factor5, second, b5);
            left += leftStride;
            right += rightStride;
        }

        a0.Store(sums);
        b0.Store(sums + Vector256<float>.Count);
        a1.Store(sums + Tile.Side);
        b1.Store(sums + Tile.Side + Vector256<float>.Count);
        a2.Store(sums + (2 * Tile.Side));
        b2.Store(sums + (2 * Tile.Side) + Vector256<float>.Count);
        a3.Store(sums + (3 * Tile.Side));
        b3.Store(sums + (3 * Tile.Side) + Vector256<float>.Count);
        a4.Store(sums + (4 * Tile.Side));
        b4.Store(sums + (4 * Tile.Side) + Vector256<float>.Count);
        a5.Store(sums + (5 * Tile.Side));
        b5.Store(sums + (5 * Tile.Side) + Vector256<float>.Count);
    }
}
