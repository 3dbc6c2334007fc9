using System.Diagnostics;

namespace Requant.Bench.Generator;

/// <summary>One line of the table.</summary>
/// <param name="Name">What was done.</param>
/// <param name="Durations">How long it took each time.</param>
internal sealed record GeneratorRow(string Name, IReadOnlyList<Duration> Durations)
{
    public Duration Median => new(Middle(one => one.Elapsed), Middle(one => one.Processor));

    public double Least => Durations.Min(one => one.Elapsed);

    private double Middle(Func<Duration, double> part) => Durations.Select(part).Order().ElementAt(Durations.Count / 2);
}

/// <summary>How long something took.</summary>
/// <param name="Elapsed">Milliseconds on the clock.</param>
/// <param name="Processor">Milliseconds of the process on all cores: what remains comparable while others use
/// the machine.</param>
internal readonly record struct Duration(double Elapsed, double Processor)
{
    public static Duration Of(Action action)
    {
        TimeSpan used = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        action();
        return new Duration(
            Stopwatch.GetElapsedTime(start).TotalMilliseconds,
            (Environment.CpuUsage.TotalTime - used).TotalMilliseconds);
    }
}
