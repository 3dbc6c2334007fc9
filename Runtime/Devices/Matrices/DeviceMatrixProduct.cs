using System.ComponentModel;
using System.Runtime.CompilerServices;
using ILGPU;
using Requant.CompilerServices;
using Requant.Numerics.Matrices;

namespace Requant.Devices.Matrices;

/// <summary>Products of <see cref="DeviceOrthogonalization"/>: <c>sum[i, j] = left[k, i] * right[k, j]</c>, for k from 0 up,
/// each by a fused multiply-add, the first of them to +0.</summary>
/// <remarks><see cref="LaunchParameters.Table0"/> to <see cref="LaunchParameters.Table3"/> are the positions of left, right,
/// target and addend, <see cref="LaunchParameters.TensorCount"/> and <see cref="LaunchParameters.UniformCount"/> the rows
/// and columns of the product, <see cref="LaunchParameters.BlockSize"/> is how many products a sum has, and
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

    /// <summary>Rows and columns of a tile.</summary>
    internal const int Side = 64;

    /// <summary>Threads of a group, each with 4 x 4 sums; a smaller group takes several turns.</summary>
    private const int Threads = 256;

    private const int ThreadsInRow = 16;

    /// <summary>Products of a sum between two barriers.</summary>
    private const int Depth = 16;

    /// <summary>Vectors of a row of a tile.</summary>
    private const int Vectors = Side / 4;

    /// <summary>Computes a product.</summary>
    /// <param name="launch">The matrices.</param>
    public static void Multiply(LaunchParameters launch)
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
                    Load(launch, left, launch.Table0, launch.TensorCount, tile.Row, first, count);
                    Load(launch, right, launch.Table1, launch.UniformCount, tile.Column, first, count);
                    Group.Barrier();
                    for (int k = 0; k < count; k++)
                    {
                        DeviceFour factors = left[(k * Vectors) + y];
                        DeviceFour others = right[(k * Vectors) + x];
                        sums0 = MultiplyAdd(factors.X, others, sums0);
                        sums1 = MultiplyAdd(factors.Y, others, sums1);
                        sums2 = MultiplyAdd(factors.Z, others, sums2);
                        sums3 = MultiplyAdd(factors.W, others, sums3);
                    }
                }

                int row = tile.Row + (4 * y);
                int column = tile.Column + (4 * x);
                Store(launch, row, column, sums0);
                Store(launch, row + 1, column, sums1);
                Store(launch, row + 2, column, sums2);
                Store(launch, row + 3, column, sums3);
            }
        }
    }

    /// <summary>Brings some rows of a tile's factors to shared memory. What is behind the last column is not
    /// used.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load(
        LaunchParameters launch, ArrayView<DeviceFour> target, long position, int columns, int column, int first,
        int count)
    {
        int stride = DeviceMatrixKernels.Stride(columns);
        for (int i = Group.IdxX; i < count * Vectors; i += Group.DimX)
        {
            long element = ((long)(first + (i / Vectors)) * stride) + column + (4 * (i % Vectors));
            target[i] = DeviceMemory.Load<DeviceFour>(launch.Memory, position + (element * sizeof(float)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static DeviceFour Fill(float value) => new() { X = value, Y = value, Z = value, W = value };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static DeviceFour MultiplyAdd(float factor, DeviceFour others, DeviceFour sums) => new()
    {
        X = DeviceMath.NativeMultiplyAdd(factor, others.X, sums.X),
        Y = DeviceMath.NativeMultiplyAdd(factor, others.Y, sums.Y),
        Z = DeviceMath.NativeMultiplyAdd(factor, others.Z, sums.Z),
        W = DeviceMath.NativeMultiplyAdd(factor, others.W, sums.W),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(LaunchParameters launch, int row, int column, DeviceFour sums)
    {
        if (row < launch.TensorCount)
        {
            Store(launch, row, column, sums.X);
            Store(launch, row, column + 1, sums.Y);
            Store(launch, row, column + 2, sums.Z);
            Store(launch, row, column + 3, sums.W);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(LaunchParameters launch, int row, int column, float sum)
    {
        if (column >= launch.UniformCount)
        {
            return;
        }

        long stride = DeviceMatrixKernels.Stride(launch.UniformCount);
        if (launch.BlockCount == Next)
        {
            float addend = DeviceMemory.Load<float>(
                launch.Memory, launch.Table3 + (((row * stride) + column) * sizeof(float)));
            StoreAt(
                launch, column, row, DeviceMatrixKernels.Stride(launch.TensorCount),
                DeviceMath.NativeMultiplyAdd(NewtonSchulz.Linear, addend, sum));
            return;
        }

        float value = sum;
        if (launch.BlockCount == Polynomial)
        {
            float addend = DeviceMemory.Load<float>(
                launch.Memory, launch.Table3 + (((row * stride) + column) * sizeof(float)));
            value = DeviceMath.NativeMultiplyAdd(NewtonSchulz.Quintic, sum, NewtonSchulz.Cubic * addend);
        }

        StoreAt(launch, row, column, stride, value);
        StoreAt(launch, column, row, stride, value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreAt(LaunchParameters launch, int row, int column, long stride, float value) =>
        DeviceMemory.Store(launch.Memory, launch.Table2 + (((row * stride) + column) * sizeof(float)), value);
}
