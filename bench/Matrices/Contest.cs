using System.Diagnostics;

namespace Requant.Bench.Matrices;

/// <summary>Things that are timed in turn, so that what else the machine does slows all of them.</summary>
internal static class Contest
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    /// <summary>Runs each so many times.</summary>
    /// <returns>Median milliseconds of each.</returns>
    public static double[] Run(int rounds, params Action[] contestants)
    {
        foreach (Action contestant in contestants)
        {
            for (long begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin) < WarmUp;)
            {
                contestant();
            }
        }

        List<double>[] times = [.. contestants.Select(_ => new List<double>())];
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < contestants.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                contestants[i]();
                times[i].Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        return [.. times.Select(own => own.Order().ElementAt(own.Count / 2))];
    }
}
