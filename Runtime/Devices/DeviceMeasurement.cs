using System.Runtime.InteropServices;
using Requant.CompilerServices;
using Requant.Numerics;

namespace Requant.Devices;

/// <summary>Measures the gradients of a step on a device: one launch for all tensors of a kernel, one that adds up each
/// tensor, and one read.</summary>
internal sealed class DeviceMeasurement(IKernelDevice device) : IDisposable
{
    private readonly DeviceLauncher?[] _squares = new DeviceLauncher?[ElementTypes.Count];
    private readonly DeviceBuffer _squareBuffer = new(device);
    private readonly DeviceBuffer _resultBuffer = new(device);
    private DeviceLauncher? _finish;
    private DeviceLauncher? _fold;
    private Result[] _results = [];

    /// <summary>Positions of what it keeps, and their names, for measurements.</summary>
    public IEnumerable<(string Name, long Position)> Memory =>
        _finish is null ? [] : [("squares", _squareBuffer.Position), ("measures", _resultBuffer.Position)];

    /// <summary>Loads kernels and makes memory for the tensors of a step.</summary>
    public void Prepare(IReadOnlyList<TensorTable.Group> groups, int tensors)
    {
        long blocks = 0;
        foreach (TensorTable.Group group in groups)
        {
            _squares[(int)group.Key.GradientType] ??= device.LoadSquares(group.Key.GradientType);
            blocks += group.BlockCount;
            if (group.Windows > 0)
            {
                _fold ??= device.LoadFold(isOfSquares: true);
            }
        }

        _finish ??= device.LoadSquaresFinish();
        _squareBuffer.Reserve(blocks * sizeof(double));
        _resultBuffer.Reserve((long)tensors * DeviceGradientSquares.ResultBytes);
        if (_results.Length < tensors)
        {
            _results = new Result[tensors];
        }
    }

    /// <summary>Measures the tensors of a batch, whose table and values are on the device. Waits
    /// for the result.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="sums">As of <see cref="Steps.IStepExecutor{TRule}.Measure"/>.</param>
    public long Run<TRule>(DeviceBatch<TRule> batch, Span<double> sums)
        where TRule : IOptimizerRule<TRule>
    {
        int warps = device.GroupSize / DeviceGrid.WarpSize;
        long squares = _squareBuffer.Position;
        int count = batch.Plan!.Count;
        device.Fill(_resultBuffer.Position, (long)count * DeviceGradientSquares.ResultBytes, 0);
        foreach (TensorTable.Group group in batch.Groups)
        {
            LaunchParameters launch = batch.Describe(group, group.RowCount) with
            {
                Table0 = squares,
                Table1 = _resultBuffer.Position + ((long)group.FirstRow * DeviceGradientSquares.ResultBytes),
            };
            if (group.BlockCount > 0)
            {
                _squares[(int)group.Key.GradientType]!((group.BlockCount + warps - 1) / warps, launch);
                if (group.Windows > 0)
                {
                    _fold!(group.Windows, launch);
                }

                _finish!(group.RowCount, launch);
            }

            squares += group.BlockCount * sizeof(double);
        }

        Span<Result> results = _results.AsSpan(0, count);
        device.Read(MemoryMarshal.AsBytes(results), _resultBuffer.Position);
        long others = 0;
        for (int i = 0; i < count; i++)
        {
            ref readonly Result result = ref results[batch.RowOf(i)];
            sums[i] = result.Others > 0 ? -result.Sum : result.Sum;
            others += result.Others;
        }

        return others;
    }

    public void Dispose()
    {
        _squareBuffer.Dispose();
        _resultBuffer.Dispose();
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Result
    {
        public readonly double Sum;
        public readonly long Others;
    }
}
