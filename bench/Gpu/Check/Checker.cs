using System.Diagnostics;
using Requant.Bench.Gpu.Rules;

namespace Requant.Bench.Gpu.Check;

/// <summary>Runs rules on the device and by the scalar kernels, and says where they differ first.</summary>
internal sealed class Checker(GpuSession session)
{
    /// <summary>Checks one case and reports it.</summary>
    /// <exception cref="DeviceLostException">No call of the driver will succeed any more.</exception>
    public CheckRow Run(RuleCase one, CheckModel model)
    {
        long start = Stopwatch.GetTimestamp();
        int steps = 0;
        CheckRow row = Row(GpuReport.Equal) with { Steps = CheckModel.Steps };
        CudaException? failure = null;
        try
        {
            using var host = new HostSide(one, model);
            using var device = new DeviceSide(session, one, model);
            try
            {
                for (; steps < CheckModel.Steps && row.Difference is null; steps++)
                {
                    host.Step(steps + 1);
                    device.Step(steps + 1);
                    DifferenceRow? difference = new StepComparison(one, model, steps + 1).FirstDifference(host, device);
                    row = difference is null
                        ? row
                        : row with { Result = GpuReport.Different, Difference = difference, Steps = steps };
                }
            }
            catch (CudaException first)
            {
                // What is given back next may fail because of it, and says less.
                failure = first;
            }
        }
        catch (CudaException first)
        {
            failure ??= first;
        }

        row = failure is null ? row : row with { Result = GpuReport.Failed, Error = failure.Message, Steps = steps };
        Report(row with { Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds }, model);
        if (failure is not null)
        {
            GpuSession.ThrowIfFatal(failure);
        }

        return row;

        CheckRow Row(string result) => new(
            one.Rule.Name, $"{one.Types}", one.States, model.Name, model.Lengths.Count, model.Elements, steps, result,
            null, null, 0);
    }

    private void Report(CheckRow row, CheckModel model)
    {
        session.Report.Checks.Add(row);
        string detail = row.Difference is DifferenceRow difference
            ? $": {difference}"
            : row.Error is string error ? $": {error}" : "";
        session.Say(
            $"check  {row.Rule,-10} {row.Dtype,-9} {row.States,-20}  {model,-16} "
            + FormattableString.Invariant($"{row.Seconds,6:F1} s  {row.Result}{detail}"));
    }
}
