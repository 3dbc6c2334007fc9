using System.ComponentModel;
using System.Runtime.CompilerServices;
using ILGPU;
using Requant.CompilerServices;
using Requant.Numerics.Matrices;

namespace Requant.Devices.Matrices;

/// <summary>Products of <c>DeviceOrthogonalization</c>: <c>sum[i, j] = left[k, i] * right[k, j]</c>, for k from
/// 0 up, each by a fused multiply-add, the first of them to +0.</summary>
/// <remarks><see cref="LaunchParameters.Table0"/> to <see cref="LaunchParameters.Table3"/> are the positions of left,
/// right, target and addend, <see cref="LaunchParameters.TensorCount"/> and <see cref="LaunchParameters.UniformCount"/>
/// the rows and columns of the product, <see cref="LaunchParameters.BlockSize"/> is how many products a sum has, and
/// <see cref="LaunchParameters.BlockCount"/> what becomes of it.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class DeviceMatrixProduct
{
    /// <summary>The sums themselves, which are symmetric.</summary>
    internal const uint Gram = 0;

    /// <summary>b A + c A A, which is symmetric, the addend being A.</summary>
    internal const uint Polynomial = 1;

    /// <summary>a Y + B Y, the addend being Y; the target gets its transpose.</summary>
    internal const uint Next = 2;

    /// <summary>Rows and columns of a tile: 4 x 4 sums of each thread.</summary>
    internal const int Side = ThreadsInRow * 4;

    /// <summary>Rows and columns of a large tile: 12 x 12 sums of each thread.</summary>
    internal const int LargeSide = 3 * Side;

    /// <summary>Threads that take a tile; a smaller group takes several turns.</summary>
    private const int Threads = ThreadsInRow * ThreadsInRow;

    private const int ThreadsInRow = 16;

    /// <summary>Products of a sum between two barriers.</summary>
    private const int Depth = 16;

    /// <summary>Vectors of a row of a tile.</summary>
    private const int Vectors = Side / 4;

    /// <summary>Large tiles with which most multiprocessors have one: half as many as large devices have.</summary>
    private const long EnoughTiles = 64;

    /// <summary>Vectors of a row of a large tile.</summary>
    private const int LargeVectors = LargeSide / 4;

    /// <summary>Computes a product by small tiles: of a matrix that has not enough large ones for a device.</summary>
    /// <param name="launch">The matrices.</param>
    /// <typeparam name="TMultiplyAdd">How the device adds a product.</typeparam>
    public static void Multiply<TMultiplyAdd>(LaunchParameters launch)
        where TMultiplyAdd : struct, IMultiplyAdd
    {
        ArrayView<DeviceFour> left = SharedMemory.Allocate<DeviceFour>(Depth * Vectors);
        ArrayView<DeviceFour> right = SharedMemory.Allocate<DeviceFour>(Depth * Vectors);
        float zero = DeviceMath.OpaqueZero(launch.BlockSize);
        bool isSymmetric = launch.BlockCount != Next;
        long tiles = DeviceMatrixTile.Count(isSymmetric, launch.TensorCount, launch.UniformCount, Side);
        for (long number = Grid.IdxX; number < tiles; number += Grid.DimX)
        {
            DeviceMatrixTile tile = DeviceMatrixTile.Of(isSymmetric, launch.UniformCount, Side, number);
            for (int thread = Group.IdxX; thread < Threads; thread += Group.DimX)
            {
                int x = thread & (ThreadsInRow - 1);
                int y = thread / ThreadsInRow;
                DeviceFour sums0 = Fill(zero);
                DeviceFour sums1 = Fill(zero);
                DeviceFour sums2 = Fill(zero);
                DeviceFour sums3 = Fill(zero);
                for (int first = 0; first < launch.BlockSize; first += Depth)
                {
                    int count = launch.BlockSize - first < Depth ? launch.BlockSize - first : Depth;
                    Group.Barrier();
                    Load(launch, left, Vectors, launch.Table0, launch.TensorCount, tile.Row, first, count);
                    Load(launch, right, Vectors, launch.Table1, launch.UniformCount, tile.Column, first, count);
                    Group.Barrier();
                    for (int k = 0; k < count; k++)
                    {
                        DeviceFour factors = left[(k * Vectors) + y];
                        DeviceFour others = right[(k * Vectors) + x];
                        sums0 = MultiplyAdd<TMultiplyAdd>(factors.X, others, sums0);
                        sums1 = MultiplyAdd<TMultiplyAdd>(factors.Y, others, sums1);
                        sums2 = MultiplyAdd<TMultiplyAdd>(factors.Z, others, sums2);
                        sums3 = MultiplyAdd<TMultiplyAdd>(factors.W, others, sums3);
                    }
                }

                Store<TMultiplyAdd>(
                    launch, tile.Row + (4 * y), tile.Column + (4 * x), sums0, sums1, sums2, sums3);
            }
        }
    }

    /// <summary>Computes a product by large tiles. A thread loads 24 factors, as six vectors, for 144 sums: shared
    /// memory gives a multiprocessor a quarter of a vector in the time of a warp's multiply-add.</summary>
    /// <param name="launch">The matrices.</param>
    /// <typeparam name="TMultiplyAdd">How the device adds a product.</typeparam>
    public static void MultiplyLarge<TMultiplyAdd>(LaunchParameters launch)
        where TMultiplyAdd : struct, IMultiplyAdd
    {
        ArrayView<DeviceFour> left = SharedMemory.Allocate<DeviceFour>(Depth * LargeVectors);
        ArrayView<DeviceFour> right = SharedMemory.Allocate<DeviceFour>(Depth * LargeVectors);
        float zero = DeviceMath.OpaqueZero(launch.BlockSize);
        bool isSymmetric = launch.BlockCount != Next;
        long tiles = DeviceMatrixTile.Count(isSymmetric, launch.TensorCount, launch.UniformCount, LargeSide);
        for (long number = Grid.IdxX; number < tiles; number += Grid.DimX)
        {
            DeviceMatrixTile tile = DeviceMatrixTile.Of(isSymmetric, launch.UniformCount, LargeSide, number);
            for (int thread = Group.IdxX; thread < Threads; thread += Group.DimX)
            {
                int x = thread & (ThreadsInRow - 1);
                int y = thread / ThreadsInRow;
                DeviceMatrixSums upper = DeviceMatrixSums.Fill(zero);
                DeviceMatrixSums middle = DeviceMatrixSums.Fill(zero);
                DeviceMatrixSums lower = DeviceMatrixSums.Fill(zero);
                for (int first = 0; first < launch.BlockSize; first += Depth)
                {
                    int count = launch.BlockSize - first < Depth ? launch.BlockSize - first : Depth;
                    Group.Barrier();
                    Load(launch, left, LargeVectors, launch.Table0, launch.TensorCount, tile.Row, first, count);
                    Load(launch, right, LargeVectors, launch.Table1, launch.UniformCount, tile.Column, first, count);
                    Group.Barrier();
                    for (int k = 0; k < count; k++)
                    {
                        int row = (k * LargeVectors) + y;
                        int column = (k * LargeVectors) + x;
                        DeviceFour others0 = right[column];
                        DeviceFour others1 = right[column + ThreadsInRow];
                        DeviceFour others2 = right[column + (2 * ThreadsInRow)];
                        DeviceFour factors0 = left[row];
                        DeviceFour factors1 = left[row + ThreadsInRow];
                        DeviceFour factors2 = left[row + (2 * ThreadsInRow)];
                        upper = upper.MultiplyAdd<TMultiplyAdd>(factors0, others0, others1, others2);
                        middle = middle.MultiplyAdd<TMultiplyAdd>(factors1, others0, others1, others2);
                        lower = lower.MultiplyAdd<TMultiplyAdd>(factors2, others0, others1, others2);
                    }
                }

                Store<TMultiplyAdd>(launch, tile.Row + (4 * y), tile.Column + (4 * x), upper);
                Store<TMultiplyAdd>(launch, tile.Row + Side + (4 * y), tile.Column + (4 * x), middle);
                Store<TMultiplyAdd>(launch, tile.Row + (2 * Side) + (4 * y), tile.Column + (4 * x), lower);
            }
        }
    }

    /// <summary>Whether a product has enough large tiles for the multiprocessors of a device.</summary>
    internal static bool IsLarge(bool isSymmetric, int rows, int columns) =>
        DeviceMatrixTile.Count(isSymmetric, rows, columns, LargeSide) >= EnoughTiles;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TMultiplyAdd>(LaunchParameters launch, int row, int column, DeviceMatrixSums sums)
        where TMultiplyAdd : struct, IMultiplyAdd
    {
        Store<TMultiplyAdd>(
            launch, row, column, sums.Row0.First, sums.Row1.First, sums.Row2.First, sums.Row3.First);
        Store<TMultiplyAdd>(
            launch, row, column + Side, sums.Row0.Second, sums.Row1.Second, sums.Row2.Second, sums.Row3.Second);
        Store<TMultiplyAdd>(
            launch, row, column + (2 * Side), sums.Row0.Third, sums.Row1.Third, sums.Row2.Third, sums.Row3.Third);
    }

    /// <summary>Brings some rows of a tile's factors to shared memory. What is behind the last column is not
    /// used.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load(
        LaunchParameters launch, ArrayView<DeviceFour> target, int vectors, long position, int columns, int column,
        int first, int count)
    {
        int stride = DeviceMatrixKernels.Stride(columns);
        for (int i = Group.IdxX; i < count * vectors; i += Group.DimX)
        {
            long element = ((long)(first + (i / vectors)) * stride) + column + (4 * (i % vectors));
            target[i] = DeviceMemory.Load<DeviceFour>(launch.Memory, position + (element * sizeof(float)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static DeviceFour Fill(float value) => new() { X = value, Y = value, Z = value, W = value };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static DeviceFour MultiplyAdd<TMultiplyAdd>(float factor, DeviceFour others, DeviceFour sums)
        where TMultiplyAdd : struct, IMultiplyAdd => new()
    {
        X = TMultiplyAdd.Of(factor, others.X, sums.X),
        Y = TMultiplyAdd.Of(factor, others.Y, sums.Y),
        Z = TMultiplyAdd.Of(factor, others.Z, sums.Z),
        W = TMultiplyAdd.Of(factor, others.W, sums.W),
    };

    /// <summary>Finishes 4 x 4 sums and stores them. What is behind the last column or row is stored where rows end for
    /// vectors' sake, and not used.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TMultiplyAdd>(
        LaunchParameters launch, int row, int column, DeviceFour sums0, DeviceFour sums1, DeviceFour sums2,
        DeviceFour sums3)
        where TMultiplyAdd : struct, IMultiplyAdd
    {
        if (row >= launch.TensorCount || column >= launch.UniformCount)
        {
            return;
        }

        int rows = launch.TensorCount - row;
        int columns = launch.UniformCount - column;
        DeviceFour row0 = Finish<TMultiplyAdd>(launch, row, column, sums0);
        DeviceFour row1 = rows > 1 ? Finish<TMultiplyAdd>(launch, row + 1, column, sums1) : sums1;
        DeviceFour row2 = rows > 2 ? Finish<TMultiplyAdd>(launch, row + 2, column, sums2) : sums2;
        DeviceFour row3 = rows > 3 ? Finish<TMultiplyAdd>(launch, row + 3, column, sums3) : sums3;
        if (launch.BlockCount != Next)
        {
            StoreRows(launch, row, column, launch.UniformCount, rows, row0, row1, row2, row3);
        }

        StoreRows(
            launch, column, row, launch.TensorCount, columns,
            new() { X = row0.X, Y = row1.X, Z = row2.X, W = row3.X },
            new() { X = row0.Y, Y = row1.Y, Z = row2.Y, W = row3.Y },
            new() { X = row0.Z, Y = row1.Z, Z = row2.Z, W = row3.Z },
            new() { X = row0.W, Y = row1.W, Z = row2.W, W = row3.W });
    }

    /// <summary>What becomes of sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static DeviceFour Finish<TMultiplyAdd>(LaunchParameters launch, int row, int column, DeviceFour sums)
        where TMultiplyAdd : struct, IMultiplyAdd
    {
        if (launch.BlockCount == Gram)
        {
            return sums;
        }

        DeviceFour addends = DeviceMemory.Load<DeviceFour>(
            launch.Memory, launch.Table3 + PlaceOf(row, column, launch.UniformCount));
        return launch.BlockCount == Next
            ? new()
            {
                X = TMultiplyAdd.Of(NewtonSchulz.Linear, addends.X, sums.X),
                Y = TMultiplyAdd.Of(NewtonSchulz.Linear, addends.Y, sums.Y),
                Z = TMultiplyAdd.Of(NewtonSchulz.Linear, addends.Z, sums.Z),
                W = TMultiplyAdd.Of(NewtonSchulz.Linear, addends.W, sums.W),
            }
            : new()
            {
                X = TMultiplyAdd.Of(NewtonSchulz.Quintic, sums.X, NewtonSchulz.Cubic * addends.X),
                Y = TMultiplyAdd.Of(NewtonSchulz.Quintic, sums.Y, NewtonSchulz.Cubic * addends.Y),
                Z = TMultiplyAdd.Of(NewtonSchulz.Quintic, sums.Z, NewtonSchulz.Cubic * addends.Z),
                W = TMultiplyAdd.Of(NewtonSchulz.Quintic, sums.W, NewtonSchulz.Cubic * addends.W),
            };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRows(
        LaunchParameters launch, int row, int column, int columns, int count, DeviceFour row0, DeviceFour row1,
        DeviceFour row2, DeviceFour row3)
    {
        long place = launch.Table2 + PlaceOf(row, column, columns);
        long stride = DeviceMatrixKernels.Stride(columns) * (long)sizeof(float);
        DeviceMemory.Store(launch.Memory, place, row0);
        if (count > 1)
        {
            DeviceMemory.Store(launch.Memory, place + stride, row1);
        }

        if (count > 2)
        {
            DeviceMemory.Store(launch.Memory, place + (2 * stride), row2);
        }

        if (count > 3)
        {
            DeviceMemory.Store(launch.Memory, place + (3 * stride), row3);
        }
    }

    /// <summary>Bytes from a matrix's first element to another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long PlaceOf(int row, int column, int columns) =>
        (((long)row * DeviceMatrixKernels.Stride(columns)) + column) * sizeof(float);
}
