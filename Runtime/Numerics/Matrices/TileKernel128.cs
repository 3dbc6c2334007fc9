using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Requant.Numerics.Matrices;

/// <summary>Products by vectors of 4, for the 32 registers of Arm64, of which 24 hold sums.</summary>
/// <remarks>Processors of x64 that have no wider vectors have no fused multiply-add either, so that their 16 registers
/// do not matter.</remarks>
internal readonly unsafe struct TileKernel128 : ITileKernel
{
    /// <inheritdoc/>
    public static int Rows => 8;

    /// <inheritdoc/>
    public static int Columns => 3 * Vector128<float>.Count;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Accumulate(
        float* left, nint leftStride, float* right, nint rightStride, int depth, float* sums)
    {
        Vector128<float> a0 = Vector128.Load(sums);
        Vector128<float> b0 = Vector128.Load(sums + Vector128<float>.Count);
        Vector128<float> c0 = Vector128.Load(sums + (2 * Vector128<float>.Count));
        Vector128<float> a1 = Vector128.Load(sums + Tile.Side);
        Vector128<float> b1 = Vector128.Load(sums + Tile.Side + Vector128<float>.Count);
        Vector128<float> c1 = Vector128.Load(sums + Tile.Side + (2 * Vector128<float>.Count));
        Vector128<float> a2 = Vector128.Load(sums + (2 * Tile.Side));
        Vector128<float> b2 = Vector128.Load(sums + (2 * Tile.Side) + Vector128<float>.Count);
        Vector128<float> c2 = Vector128.Load(sums + (2 * Tile.Side) + (2 * Vector128<float>.Count));
        Vector128<float> a3 = Vector128.Load(sums + (3 * Tile.Side));
        Vector128<float> b3 = Vector128.Load(sums + (3 * Tile.Side) + Vector128<float>.Count);
        Vector128<float> c3 = Vector128.Load(sums + (3 * Tile.Side) + (2 * Vector128<float>.Count));
        Vector128<float> a4 = Vector128.Load(sums + (4 * Tile.Side));
        Vector128<float> b4 = Vector128.Load(sums + (4 * Tile.Side) + Vector128<float>.Count);
        Vector128<float> c4 = Vector128.Load(sums + (4 * Tile.Side) + (2 * Vector128<float>.Count));
        Vector128<float> a5 = Vector128.Load(sums + (5 * Tile.Side));
        Vector128<float> b5 = Vector128.Load(sums + (5 * Tile.Side) + Vector128<float>.Count);
        Vector128<float> c5 = Vector128.Load(sums + (5 * Tile.Side) + (2 * Vector128<float>.Count));
        Vector128<float> a6 = Vector128.Load(sums + (6 * Tile.Side));
        Vector128<float> b6 = Vector128.Load(sums + (6 * Tile.Side) + Vector128<float>.Count);
        Vector128<float> c6 = Vector128.Load(sums + (6 * Tile.Side) + (2 * Vector128<float>.Count));
        Vector128<float> a7 = Vector128.Load(sums + (7 * Tile.Side));
        Vector128<float> b7 = Vector128.Load(sums + (7 * Tile.Side) + Vector128<float>.Count);
        Vector128<float> c7 = Vector128.Load(sums + (7 * Tile.Side) + (2 * Vector128<float>.Count));
        for (; depth > 0; depth--)
        {
            Vector128<float> first = Vector128.Load(right);
            Vector128<float> second = Vector128.Load(right + Vector128<float>.Count);
            Vector128<float> third = Vector128.Load(right + (2 * Vector128<float>.Count));
            Vector128<float> factor0 = Vector128.Create(left[0]);
            a0 = Vector128.FusedMultiplyAdd(factor0, first, a0);
            b0 = Vector128.FusedMultiplyAdd(factor0, second, b0);
            c0 = Vector128.FusedMultiplyAdd(factor0, third, c0);
            Vector128<float> factor1 = Vector128.Create(left[1]);
            a1 = Vector128.FusedMultiplyAdd(factor1, first, a1);
            b1 = Vector128.FusedMultiplyAdd(factor1, second, b1);
            c1 = Vector128.FusedMultiplyAdd(factor1, third, c1);
            Vector128<float> factor2 = Vector128.Create(left[2]);
            a2 = Vector128.FusedMultiplyAdd(factor2, first, a2);
            b2 = Vector128.FusedMultiplyAdd(factor2, second, b2);
            c2 = Vector128.FusedMultiplyAdd(factor2, third, c2);
            Vector128<float> factor3 = Vector128.Create(left[3]);
            a3 = Vector128.FusedMultiplyAdd(factor3, first, a3);
            b3 = Vector128.FusedMultiplyAdd(factor3, second, b3);
            c3 = Vector128.FusedMultiplyAdd(factor3, third, c3);
            Vector128<float> factor4 = Vector128.Create(left[4]);
            a4 = Vector128.FusedMultiplyAdd(factor4, first, a4);
            b4 = Vector128.FusedMultiplyAdd(factor4, second, b4);
            c4 = Vector128.FusedMultiplyAdd(factor4, third, c4);
            Vector128<float> factor5 = Vector128.Create(left[5]);
            a5 = Vector128.FusedMultiplyAdd(factor5, first, a5);
            b5 = Vector128.FusedMultiplyAdd(factor5, second, b5);
            c5 = Vector128.FusedMultiplyAdd(factor5, third, c5);
            Vector128<float> factor6 = Vector128.Create(left[6]);
            a6 = Vector128.FusedMultiplyAdd(factor6, first, a6);
            b6 = Vector128.FusedMultiplyAdd(factor6, second, b6);
            c6 = Vector128.FusedMultiplyAdd(factor6, third, c6);
            Vector128<float> factor7 = Vector128.Create(left[7]);
            a7 = Vector128.FusedMultiplyAdd(factor7, first, a7);
            b7 = Vector128.FusedMultiplyAdd(factor7, second, b7);
            c7 = Vector128.FusedMultiplyAdd(factor7, third, c7);
            left += leftStride;
            right += rightStride;
        }

        a0.Store(sums);
        b0.Store(sums + Vector128<float>.Count);
        c0.Store(sums + (2 * Vector128<float>.Count));
        a1.Store(sums + Tile.Side);
        b1.Store(sums + Tile.Side + Vector128<float>.Count);
        c1.Store(sums + Tile.Side + (2 * Vector128<float>.Count));
        a2.Store(sums + (2 * Tile.Side));
        b2.Store(sums + (2 * Tile.Side) + Vector128<float>.Count);
        c2.Store(sums + (2 * Tile.Side) + (2 * Vector128<float>.Count));
        a3.Store(sums + (3 * Tile.Side));
        b3.Store(sums + (3 * Tile.Side) + Vector128<float>.Count);
        c3.Store(sums + (3 * Tile.Side) + (2 * Vector128<float>.Count));
        a4.Store(sums + (4 * Tile.Side));
        b4.Store(sums + (4 * Tile.Side) + Vector128<float>.Count);
        c4.Store(sums + (4 * Tile.Side) + (2 * Vector128<float>.Count));
        a5.Store(sums + (5 * Tile.Side));
        b5.Store(sums + (5 * Tile.Side) + Vector128<float>.Count);
        c5.Store(sums + (5 * Tile.Side) + (2 * Vector128<float>.Count));
        a6.Store(sums + (6 * Tile.Side));
        b6.Store(sums + (6 * Tile.Side) + Vector128<float>.Count);
        c6.Store(sums + (6 * Tile.Side) + (2 * Vector128<float>.Count));
        a7.Store(sums + (7 * Tile.Side));
        b7.Store(sums + (7 * Tile.Side) + Vector128<float>.Count);
        c7.Store(sums + (7 * Tile.Side) + (2 * Vector128<float>.Count));
    }
}
