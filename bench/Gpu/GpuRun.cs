using Requant.Bench.Gpu.Check;
using Requant.Bench.Gpu.Rules;
using Requant.Bench.Gpu.Time;
using Requant.Devices;

namespace Requant.Bench.Gpu;

/// <summary>A run, in the order in which findings are wanted: that a kernel launches, that Adam is right, how fast it
/// is, then all else.</summary>
internal sealed class GpuRun(GpuSession session, GpuPlan plan)
{
    /// <summary>A few blocks and a part of one.</summary>
    private const int FirstLaunchElements = 5000;

    private readonly Checker _checker = new(session);
    private readonly HashSet<PtxCacheKey> _described = [];

    /// <summary>Does all that is planned.</summary>
    /// <returns>What was found.</returns>
    public GpuReport Run()
    {
        GpuReport report = session.Report;
        report.Quick = plan.Limit is not null;
        report.LeftOut.AddRange(plan.LeftOut);
        DeviceRow device = report.Device!;
        session.Say(
            $"device {device.Ordinal}: {device.Name}, compute capability {device.Capability}, {device.Multiprocessors} "
            + $"multiprocessors, {device.MemoryBytes / (1 << 20)} MiB, driver for CUDA {device.Cuda}, kernels for "
            + $"{device.Architecture}");
        try
        {
            RunParts();
            report.Finished = true;
        }
        catch (Exception failure) when (failure is DeviceLostException or CudaException)
        {
            report.Error = failure.Message;
            session.Say($"stopped: {failure.Message}");
        }

        foreach (string line in GpuTables.Summary(report))
        {
            session.Say(line);
        }

        return report;
    }

    private void RunParts()
    {
        FirstLaunch();
        KernelInventory.Prefetch(
            session.Device.Cache, [.. plan.Cases.SelectMany(one => one.Kernels(session.Context.Device.Architecture))]);
        CheckModel[] models = plan.Checks.Count == 0 ? [] : [.. plan.Models.Select(create => create())];
        Check(plan.Checks.Take(1), models);
        StepTimes? times = null;
        try
        {
            // The memory of times stays while the other checks run, which need little.
            Time(plan.Times.Take(plan.EarlyTimes), ref times);
            Check(
                plan.GradientChecks,
                plan.GradientChecks.Count == 0 ? [] : [.. plan.GradientModels.Select(create => create())]);
            Check(plan.Checks.Skip(1), models);
            Time(plan.Times.Skip(plan.EarlyTimes), ref times);
        }
        finally
        {
            times?.Dispose();
        }
    }

    private void FirstLaunch()
    {
        RuleCase? first = plan.Cases.FirstOrDefault();
        if (first is null)
        {
            return;
        }

        _ = _checker.Run(first, CheckModel.One(FirstLaunchElements, "first launch"));
        Describe(first);
        session.Say(GpuTables.KernelHead);
        session.Report.Kernels.ForEach(row => session.Say(GpuTables.Text(row)));
    }

    private void Check(IEnumerable<RuleCase> cases, CheckModel[] models)
    {
        foreach (RuleCase one in cases)
        {
            foreach (CheckModel model in models)
            {
                session.Do($"check {one} {model.Name}", () => _checker.Run(one, model));
            }

            Describe(one);
        }
    }

    private void Time(IEnumerable<RuleCase> cases, ref StepTimes? times)
    {
        foreach (RuleCase one in cases)
        {
            if (times is null)
            {
                CopyBandwidth.Run(session, plan.Time);
                times = new StepTimes(session, plan.Time, plan.Times);
                session.Say($"time   {GpuTables.TimeHead}");
            }

            times.Run(one);
            Describe(one);
        }
    }

    /// <summary>Notes what the driver says of a case's kernels; those that no step has loaded when the time is over
    /// are left out.</summary>
    private void Describe(RuleCase one)
    {
        try
        {
            foreach (RuleKernel kernel in one.Kernels(session.Context.Device.Architecture)
                .Where(kernel => _described.Add(kernel.Key)))
            {
                session.Do(
                    $"kernels of {one}", () => session.Report.Kernels.Add(KernelInventory.Describe(session, kernel)));
            }
        }
        catch (CudaException failure)
        {
            // The check or the time of the case has reported it already, unless it is of all that follows.
            GpuSession.ThrowIfFatal(failure);
        }
    }
}
