using System.Diagnostics;
using Requant.Devices.Driver;

namespace Requant.Bench.Gpu.Time;

/// <summary>Times work of a stream by events between its pieces, which are asked for one after another
/// without waiting.</summary>
internal static class StreamTimer
{
    /// <summary>Milliseconds of each piece, in their order.</summary>
    /// <param name="session">The device.</param>
    /// <param name="work">Asks for a piece of work.</param>
    /// <param name="warmUp">Pieces before, which are not timed.</param>
    /// <param name="runs">Pieces timed.</param>
    public static IReadOnlyList<double> Measure(GpuSession session, Action work, int warmUp, int runs)
    {
        CudaContext context = session.Context;
        using CudaContext.Scope scope = context.Enter();
        var events = new List<CudaEvent>();
        try
        {
            for (int i = 0; i < warmUp; i++)
            {
                work();
            }

            context.Synchronize(session.Stream);

            // The device waits for the host at the first of these alone, unless the work itself makes it wait.
            work();
            for (int i = 0; i <= runs; i++)
            {
                CudaEvent place = context.CreateEvent();
                events.Add(place);
                place.Record(session.Stream);
                if (i < runs)
                {
                    work();
                }
            }

            context.Synchronize(session.Stream);
            return [.. events.Skip(1).Select((place, i) => session.Elapsed(events[i], place))];
        }
        finally
        {
            events.ForEach(place => place.Dispose());
        }
    }

    /// <summary>Milliseconds from each call to its return, on an idle device.</summary>
    public static IReadOnlyList<double> MeasureHost(GpuSession session, Action work, int runs)
    {
        var times = new double[runs];
        for (int i = 0; i < runs; i++)
        {
            session.Context.Synchronize(session.Stream);
            long start = Stopwatch.GetTimestamp();
            work();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        session.Context.Synchronize(session.Stream);
        return times;
    }

    /// <summary>The median, or null of none.</summary>
    public static double? Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? null : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>Bytes over milliseconds in GB/s; null where no time passed.</summary>
    public static double? GigabytesPerSecond(double bytes, double? milliseconds) =>
        milliseconds > 0 ? bytes / milliseconds * 1e-6 : null;
}
