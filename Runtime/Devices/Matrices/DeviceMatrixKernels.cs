using System.ComponentModel;
using System.Runtime.CompilerServices;
using ILGPU;
using Requant.CompilerServices;
using Requant.Numerics.Matrices;

namespace Requant.Devices.Matrices;

/// <summary>Kernels that bring matrices into the memory of <c>DeviceOrthogonalization</c> and out of it.
/// <see cref="LaunchParameters.TensorCount"/> and <see cref="LaunchParameters.UniformCount"/> are the rows and columns
/// of the matrix at <see cref="LaunchParameters.Table0"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class DeviceMatrixKernels
{
    /// <summary>Rows and columns that a group of threads transposes at a time: a warp.</summary>
    internal const int TransposedSide = DeviceGrid.WarpSize;

    /// <summary>One more, lest lanes that go down a column meet in one bank of shared memory.</summary>
    private const int TransposedStride = TransposedSide + 1;

    /// <summary>Floats from a row to the next, with which each row is aligned for vectors of four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Stride(int columns) => (columns + 3) & ~3;

    /// <summary>Divides elements by their norm, a warp a row. <see cref="LaunchParameters.Table1"/> is where they go,
    /// <see cref="LaunchParameters.Table2"/> is the position of the norm, and <see cref="LaunchParameters.Table3"/>
    /// that of an int32 that becomes 1 if one is not finite, unless it is 0.</summary>
    /// <param name="launch">The matrix.</param>
    public static void Import(LaunchParameters launch)
    {
        float norm = DeviceMemory.Load<float>(launch.Memory, launch.Table2);
        float divisor = DeviceMath.Max(norm, NewtonSchulz.SmallestNorm);
        bool isFinite = DeviceMath.IsFinite(norm);
        int columns = launch.UniformCount;
        for (long row = DeviceGrid.FirstBlock; row < launch.TensorCount; row += DeviceGrid.BlockStride)
        {
            for (int column = DeviceGrid.Lane; column < columns; column += DeviceGrid.WarpSize)
            {
                float value = DeviceMemory.Load<float>(
                    launch.Memory, launch.Table0 + (((row * columns) + column) * sizeof(float)));
                isFinite = isFinite && DeviceMath.IsFinite(value);
                DeviceMemory.Store(
                    launch.Memory, launch.Table1 + (((row * Stride(columns)) + column) * sizeof(float)),
                    value / divisor);
            }
        }

        if (!isFinite && launch.Table3 != 0)
        {
            DeviceMemory.Store(launch.Memory, launch.Table3, 1);
        }
    }

    /// <summary>Copies a matrix to one without gaps at <see cref="LaunchParameters.Table1"/>, a warp a row.</summary>
    /// <param name="launch">The matrix.</param>
    public static void Copy(LaunchParameters launch)
    {
        int columns = launch.UniformCount;
        for (long row = DeviceGrid.FirstBlock; row < launch.TensorCount; row += DeviceGrid.BlockStride)
        {
            for (int column = DeviceGrid.Lane; column < columns; column += DeviceGrid.WarpSize)
            {
                float value = DeviceMemory.Load<float>(
                    launch.Memory, launch.Table0 + (((row * Stride(columns)) + column) * sizeof(float)));
                DeviceMemory.Store(
                    launch.Memory, launch.Table1 + (((row * columns) + column) * sizeof(float)), value);
            }
        }
    }

    /// <summary>Copies a matrix's transpose to <see cref="LaunchParameters.Table1"/>, where a row is
    /// <see cref="LaunchParameters.Table2"/> floats after the one before.</summary>
    /// <param name="launch">The matrix.</param>
    public static void Transpose(LaunchParameters launch)
    {
        ArrayView<float> tile = SharedMemory.Allocate<float>(TransposedSide * TransposedStride);
        int rows = launch.TensorCount;
        int columns = launch.UniformCount;
        int across = (columns + TransposedSide - 1) / TransposedSide;
        long tiles = (long)((rows + TransposedSide - 1) / TransposedSide) * across;
        int warp = Group.IdxX / DeviceGrid.WarpSize;
        int warps = Group.DimX / DeviceGrid.WarpSize;
        for (long number = Grid.IdxX; number < tiles; number += Grid.DimX)
        {
            int firstRow = (int)(number / across) * TransposedSide;
            int firstColumn = (int)(number % across) * TransposedSide;
            int column = firstColumn + DeviceGrid.Lane;
            for (int i = warp; i < TransposedSide; i += warps)
            {
                if (firstRow + i < rows && column < columns)
                {
                    tile[(i * TransposedStride) + DeviceGrid.Lane] = DeviceMemory.Load<float>(
                        launch.Memory,
                        launch.Table0 + ((((long)(firstRow + i) * Stride(columns)) + column) * sizeof(float)));
                }
            }

            Group.Barrier();
            int row = firstRow + DeviceGrid.Lane;
            for (int i = warp; i < TransposedSide; i += warps)
            {
                if (firstColumn + i < columns && row < rows)
                {
                    DeviceMemory.Store(
                        launch.Memory, launch.Table1 + ((((firstColumn + i) * launch.Table2) + row) * sizeof(float)),
                        tile[(DeviceGrid.Lane * TransposedStride) + i]);
                }
            }

            Group.Barrier();
        }
    }
}
