using System.Collections.Concurrent;
using System.Diagnostics;

namespace Requant.Samples.StateComparison;

/// <summary>Every task with every optimizer, setting and seed.</summary>
internal static class Experiment
{
    /// <summary>The runs, seed after seed, so that after a third of them there is a table of one seed.</summary>
    /// <param name="tasks">What to train.</param>
    /// <param name="optimizers">By what.</param>
    /// <param name="settings">How states are kept; those that make no difference to an optimizer are left out.</param>
    /// <param name="seeds">From 1.</param>
    /// <param name="steps">Of each run; the task's own when null.</param>
    public static IReadOnlyList<RunPlan> Plan(
        IReadOnlyList<TrainingTask> tasks, IReadOnlyList<OptimizerChoice> optimizers,
        IReadOnlyList<StateSetting> settings,
        int seeds, int? steps) =>
    [
        .. from seed in Enumerable.Range(1, seeds)
           from task in tasks
           from optimizer in optimizers
           from setting in optimizer.Settings.Where(settings.Contains)
           select new RunPlan(
               task, optimizer, setting, seed, steps ?? task.Choice.Steps, task.Choice.LearningRates.Of(optimizer)),
    ];

    /// <summary>float32 states with learning rates around those of the tasks.</summary>
    /// <param name="tasks">What to train.</param>
    /// <param name="optimizers">By what.</param>
    /// <param name="factors">What the rates are multiplied by.</param>
    /// <param name="steps">Of each run; the task's own when null.</param>
    public static IReadOnlyList<RunPlan> PlanTuning(IReadOnlyList<TrainingTask> tasks,
        IReadOnlyList<OptimizerChoice> optimizers, IReadOnlyList<float> factors, int? steps) =>
    [
        .. from task in tasks
           from optimizer in optimizers
           from factor in factors
           select new RunPlan(task, optimizer, StateSetting.Float32, 1, steps ?? task.Choice.Steps,
               task.Choice.LearningRates.Of(optimizer) * factor),
    ];

    /// <summary>Trains several at a time, each on one thread, which has no effect on results.</summary>
    /// <param name="plans">What to train.</param>
    /// <param name="workers">Runs at a time.</param>
    /// <param name="report">Is told each run's result, how many are done and the time they took; never by two threads
    /// at a time.</param>
    /// <returns>In the order of the plans.</returns>
    public static IReadOnlyList<RunResult> Run(
        IReadOnlyList<RunPlan> plans, int workers, Action<RunResult, int, TimeSpan> report)
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
                results[index] = new TrainingRun(plans[index]).Train();
                lock (reporting)
                {
                    report(results[index], ++done, Stopwatch.GetElapsedTime(start));
                }
            }
        }
    }
}
