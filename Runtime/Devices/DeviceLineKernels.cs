using System.ComponentModel;
using System.Runtime.CompilerServices;
using ILGPU;
using Requant.CompilerServices;

namespace Requant.Devices;

/// <summary>Kernels of any rule over the rows or columns of tensors. The bits are those of the CPU.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class DeviceLineKernels
{
    /// <summary>Finishes reductions into rows, a warp a row. <see cref="LaunchParameters.Table0"/> has a bit for each
    /// that is a sum, <see cref="LaunchParameters.Table1"/> for each norm, <see cref="LaunchParameters.Table2"/> for
    /// each largest value; <see cref="LaunchParameters.Table3"/> is the number of the first one's partial results for
    /// <see cref="DeviceTensor.Values"/>.</summary>
    /// <param name="launch">The tensors.</param>
    public static void FinishRows(LaunchParameters launch)
    {
        float zero = DeviceMath.OpaqueZero(launch.BlockSize);
        long count = DeviceLines.Count(launch, DeviceLineField.RowEnd);
        DeviceLines lines = default;
        for (long number = DeviceGrid.FirstBlock; number < count; number += DeviceGrid.BlockStride)
        {
            if (number >= lines.End)
            {
                lines = DeviceLines.Find(launch, DeviceLineField.RowEnd, number);
            }

            long row = number - lines.First;
            long columns = lines.Tensor.ColumnCount;
            long first = row * columns / launch.BlockSize;
            long partials = columns == 0 ? 0 : ((((row + 1) * columns) - 1) / launch.BlockSize) - first + 1;
            Finish(
                launch, lines.Tensor, row, (first + row) * sizeof(float), sizeof(float), partials,
                DeviceGrid.WarpSize, zero);
        }
    }

    /// <summary>Finishes reductions into columns, a thread a column.</summary>
    /// <inheritdoc cref="FinishRows"/>
    public static void FinishColumns(LaunchParameters launch)
    {
        float zero = DeviceMath.OpaqueZero(launch.BlockSize);
        long count = DeviceLines.Count(launch, DeviceLineField.ColumnEnd);
        DeviceLines lines = default;
        for (long number = DeviceGrid.FirstThread; number < count; number += DeviceGrid.ThreadStride)
        {
            if (number >= lines.End)
            {
                lines = DeviceLines.Find(launch, DeviceLineField.ColumnEnd, number);
            }

            long column = number - lines.First;
            long bands = (lines.Tensor.RowCount + LineMemory.BandRows - 1) / LineMemory.BandRows;
            Finish(
                launch, lines.Tensor, column, column * sizeof(float), lines.Tensor.ColumnCount * sizeof(float), bands,
                1, zero);
        }
    }

    /// <summary>Marks tensors that have new values of row or column states that are not finite.
    /// <see cref="LaunchParameters.Table0"/> has a bit for each state to look at, <see cref="LaunchParameters.Table1"/>
    /// is the field of <see cref="DeviceLineField"/> that counts its lines, and <see cref="LaunchParameters.Table2"/>
    /// the number of the first state's values for <see cref="DeviceTensor.Values"/>.</summary>
    /// <param name="launch">The tensors.</param>
    public static void Check(LaunchParameters launch)
    {
        long count = DeviceLines.Count(launch, (int)launch.Table1);
        DeviceLines lines = default;
        for (long number = DeviceGrid.FirstThread; number < count; number += DeviceGrid.ThreadStride)
        {
            if (number >= lines.End)
            {
                lines = DeviceLines.Find(launch, (int)launch.Table1, number);
            }

            long left = launch.Table0;
            for (int state = (int)launch.Table2; left != 0; state += 2)
            {
                if ((left & 1) != 0
                    && !DeviceMath.IsFinite(lines.Tensor.Load(lines.Tensor.Values(state), number - lines.First)))
                {
                    lines.Tensor.Skip();
                }

                left >>= 1;
            }
        }
    }

    /// <summary>Keeps new values of row or column states, but for tensors that are marked.</summary>
    /// <inheritdoc cref="Check"/>
    public static void Commit(LaunchParameters launch)
    {
        long count = DeviceLines.Count(launch, (int)launch.Table1);
        DeviceLines lines = default;
        for (long number = DeviceGrid.FirstThread; number < count; number += DeviceGrid.ThreadStride)
        {
            if (number >= lines.End)
            {
                lines = DeviceLines.Find(launch, (int)launch.Table1, number);
            }

            long left = lines.Tensor.IsSkipped ? 0 : launch.Table0;
            for (int state = (int)launch.Table2; left != 0; state += 2)
            {
                if ((left & 1) != 0)
                {
                    float value = lines.Tensor.Load(lines.Tensor.Values(state), number - lines.First);
                    lines.Tensor.Store(lines.Tensor.Values(state + 1), number - lines.First, value);
                }

                left >>= 1;
            }
        }
    }

    /// <summary>Finishes all reductions of one line.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(
        LaunchParameters launch, DeviceTensor tensor, long line, long firstPartial, long stride, long partials,
        int lanes, float zero)
    {
        long sums = launch.Table0;
        long norms = launch.Table1;
        long maxima = launch.Table2;
        for (int number = (int)launch.Table3; (sums | norms | maxima) != 0; number += 2)
        {
            if (((sums | norms | maxima) & 1) != 0)
            {
                long position = tensor.Values(number) + firstPartial;
                float result = (maxima & 1) != 0
                    ? DeviceLineReduction.Largest(tensor.Memory, position, stride, partials, lanes, zero)
                    : SumOrNorm(tensor, position, stride, partials, lanes, (norms & 1) != 0, zero);
                if (lanes == 1 || DeviceGrid.Lane == 0)
                {
                    tensor.Store(tensor.Values(number + 1), line, result);
                }
            }

            sums >>= 1;
            norms >>= 1;
            maxima >>= 1;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float SumOrNorm(
        DeviceTensor tensor, long position, long stride, long partials, int lanes, bool isNorm, float zero)
    {
        double total = DeviceLineReduction.Total(tensor.Memory, position, stride, partials, lanes, zero);
        return isNorm ? (float)Math.Sqrt(total) : (float)total;
    }
}
