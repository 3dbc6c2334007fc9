using Requant.Devices.Driver;

namespace Requant.Bench.Gpu.Time;

/// <summary>What the device's memory gives: copies by the driver, whose time steps are measured by.</summary>
internal static class CopyBandwidth
{
    private const int WarmUp = 3;

    /// <summary>Of free memory that both buffers of a copy may take.</summary>
    private const double MostOfFree = 0.9;

    /// <summary>Measures and reports it.</summary>
    public static void Run(GpuSession session, TimePlan plan)
    {
        session.Context.Require(FreeMemory(session, out long free), "cuMemGetInfo");
        long most = (long)(free * MostOfFree / 2);
        long[] sizes = [.. plan.CopyBytes.Select(bytes => Math.Min(bytes, most)).Distinct()];
        var rates = new List<double?>();
        var rows = new List<CopySizeRow>();
        foreach (long bytes in sizes)
        {
            double?[] ofSize =
            [
                .. Measure(session, bytes, plan.CopyRuns).Select(ms => StreamTimer.GigabytesPerSecond(2.0 * bytes, ms)),
            ];
            rates.AddRange(ofSize);
            rows.Add(new CopySizeRow(bytes, StreamTimer.Median(ofSize.OfType<double>())));
            session.Say(FormattableString.Invariant(
                $"copy   {bytes,12} bytes  {rows[^1].GigabytesPerSecond,8:F1} GB/s read and written"));
        }

        session.Report.Copy = new CopyRow(StreamTimer.Median(rates.OfType<double>()), rows);
        session.Say(
            FormattableString.Invariant($"copy   median       {session.Report.Copy.GigabytesPerSecond,13:F1} GB/s"));
    }

    /// <summary>What <c>cuMemGetInfo</c> says.</summary>
    public static CudaResult FreeMemory(GpuSession session, out long free)
    {
        using CudaContext.Scope scope = session.Context.Enter();
        return session.Context.Driver.GetFreeMemory(out free, out _);
    }

    private static IReadOnlyList<double> Measure(GpuSession session, long bytes, int runs)
    {
        CudaContext context = session.Context;
        using CudaBuffer source = context.Allocate(bytes);
        using CudaBuffer destination = context.Allocate(bytes);
        context.FillAsync(source.Address, 1, bytes, session.Stream);
        return StreamTimer.Measure(
            session, () => context.CopyOnDeviceAsync(destination.Address, source.Address, bytes, session.Stream),
            WarmUp, runs);
    }
}
