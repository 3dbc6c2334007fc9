using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Requant.Numerics.Matrices;

/// <summary>Copies rows of a matrix to columns of another.</summary>
internal static unsafe class Transposition
{
    private static bool HasZip => Sse.IsSupported || AdvSimd.Arm64.IsSupported;

    /// <summary>Copies a part of a matrix.</summary>
    /// <param name="source">The first element.</param>
    /// <param name="sourceStride">Floats from one of its rows to the next.</param>
    /// <param name="rows">Rows of the source, columns of the target.</param>
    /// <param name="columns">Columns of the source, rows of the target.</param>
    /// <param name="target">Where the first element goes.</param>
    /// <param name="targetStride">Floats from one of the target's rows to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy(
        float* source, nint sourceStride, int rows, int columns, float* target, nint targetStride)
    {
        int squareRows = HasZip ? rows - (rows % Vector128<float>.Count) : 0;
        int squareColumns = HasZip ? columns - (columns % Vector128<float>.Count) : 0;
        for (int column = 0; column < squareColumns; column += Vector128<float>.Count)
        {
            for (int row = 0; row < squareRows; row += Vector128<float>.Count)
            {
                CopySquare(
                    source + (row * sourceStride) + column, sourceStride,
                    target + (column * targetStride) + row, targetStride);
            }
        }

        CopyElements(source, sourceStride, squareRows, squareColumns, columns, target, targetStride);
        source += squareRows * sourceStride;
        CopyElements(source, sourceStride, rows - squareRows, 0, columns, target + squareRows, targetStride);
    }

    private static void CopyElements(
        float* source, nint sourceStride, int rows, int firstColumn, int endColumn, float* target, nint targetStride)
    {
        for (int column = firstColumn; column < endColumn; column++)
        {
            for (int row = 0; row < rows; row++)
            {
                target[(column * targetStride) + row] = source[(row * sourceStride) + column];
            }
        }
    }

    // 4 rows of 4.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopySquare(float* source, nint sourceStride, float* target, nint targetStride)
    {
        Vector128<float> first = Vector128.Load(source);
        Vector128<float> second = Vector128.Load(source + sourceStride);
        Vector128<float> third = Vector128.Load(source + (2 * sourceStride));
        Vector128<float> fourth = Vector128.Load(source + (3 * sourceStride));

        // Of the first two rows and of the last two: columns 0 and 1, then columns 2 and 3.
        Vector128<float> upperLeft = ZipLower(first, second);
        Vector128<float> lowerLeft = ZipLower(third, fourth);
        Vector128<float> upperRight = ZipUpper(first, second);
        Vector128<float> lowerRight = ZipUpper(third, fourth);
        Vector128.Create(upperLeft.GetLower(), lowerLeft.GetLower()).Store(target);
        Vector128.Create(upperLeft.GetUpper(), lowerLeft.GetUpper()).Store(target + targetStride);
        Vector128.Create(upperRight.GetLower(), lowerRight.GetLower()).Store(target + (2 * targetStride));
        Vector128.Create(upperRight.GetUpper(), lowerRight.GetUpper()).Store(target + (3 * targetStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ZipLower(Vector128<float> even, Vector128<float> odd) =>
        Sse.IsSupported ? Sse.UnpackLow(even, odd) : AdvSimd.Arm64.ZipLow(even, odd);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ZipUpper(Vector128<float> even, Vector128<float> odd) =>
        Sse.IsSupported ? Sse.UnpackHigh(even, odd) : AdvSimd.Arm64.ZipHigh(even, odd);
}
