using System.Collections.Concurrent;
using System.Diagnostics;

namespace Requant.Samples.PaperAblation;

/// <summary>Every variant with every setting and seed.</summary>
internal static class Experiment
{
    /// <summary>The runs; those of one seed and setting are next to each other.</summary>
    public static IReadOnlyList<RunPlan> Plan(
        IReadOnlyList<Setting> settings, int seeds, int steps, float learningRate) =>
    [
        .. from seed in Enumerable.Range(1, seeds)
           from setting in settings
           from variant in Variant.All
           select new RunPlan(variant, setting, seed, steps, learningRate),
    ];

    /// <summary>Trains several at a time, each on one thread, which has no effect on results.</summary>
    /// <param name="corpus">The text.</param>
    /// <param name="plans">From <see cref="Plan"/>.</param>
    /// <param name="workers">Runs at a time.</param>
    /// <param name="report">Is told each run's result, how many are done and the time they took; never by two threads
    /// at a time.</param>
    /// <returns>In the order of the plans.</returns>
    public static IReadOnlyList<RunResult> Run(
        WordCorpus corpus, IReadOnlyList<RunPlan> plans, int workers, Action<RunResult, int, TimeSpan> report)
    {
        var results = new RunResult[plans.Count];
        var queue = new ConcurrentQueue<int>(Enumerable.Range(0, plans.Count));
        var reporting = new Lock();
        long start = Stopwatch.GetTimestamp();
        int done = 0;
        Task[] tasks = [.. Enumerable.Range(0, workers)
            .Select(_ => Task.Factory.StartNew(Work, TaskCreationOptions.LongRunning))];
        Task.WaitAll(tasks);
        return results;

        void Work()
        {
            while (queue.TryDequeue(out int index))
            {
                results[index] = new TrainingRun(corpus, plans[index]).Train();
                lock (reporting)
                {
                    report(results[index], ++done, Stopwatch.GetElapsedTime(start));
                }
            }
        }
    }
}
