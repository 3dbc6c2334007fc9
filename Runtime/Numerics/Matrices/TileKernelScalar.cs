using System.Runtime.CompilerServices;

namespace Requant.Numerics.Matrices;

/// <summary>Products one at a time: the definition.</summary>
internal readonly unsafe struct TileKernelScalar : ITileKernel
{
    /// <inheritdoc/>
    public static int Rows => 4;

    /// <inheritdoc/>
    public static int Columns => 2;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Accumulate(
        float* left, nint leftStride, float* right, nint rightStride, int depth, float* sums)
    {
        float a0 = sums[0];
        float b0 = sums[1];
        float a1 = sums[Tile.Side];
        float b1 = sums[Tile.Side + 1];
        float a2 = sums[(2 * Tile.Side)];
        float b2 = sums[(2 * Tile.Side) + 1];
        float a3 = sums[(3 * Tile.Side)];
        float b3 = sums[(3 * Tile.Side) + 1];
        for (; depth > 0; depth--)
        {
            float first = right[0];
            float second = right[1];
            float factor0 = left[0];
            a0 = MathF.FusedMultiplyAdd(factor0, first, a0);
            b0 = MathF.FusedMultiplyAdd(factor0, second, b0);
            float factor1 = left[1];
            a1 = MathF.FusedMultiplyAdd(factor1, first, a1);
            b1 = MathF.FusedMultiplyAdd(factor1, second, b1);
            float factor2 = left[2];
            a2 = MathF.FusedMultiplyAdd(factor2, first, a2);
            b2 = MathF.FusedMultiplyAdd(factor2, second, b2);
            float factor3 = left[3];
            a3 = MathF.FusedMultiplyAdd(factor3, first, a3);
            b3 = MathF.FusedMultiplyAdd(factor3, second, b3);
            left += leftStride;
            right += rightStride;
        }

        sums[0] = a0;
        sums[1] = b0;
        sums[Tile.Side] = a1;
        sums[Tile.Side + 1] = b1;
        sums[(2 * Tile.Side)] = a2;
        sums[(2 * Tile.Side) + 1] = b2;
        sums[(3 * Tile.Side)] = a3;
        sums[(3 * Tile.Side) + 1] = b3;
    }
}
