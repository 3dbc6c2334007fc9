namespace Requant.Torch.Tests.Training;

/// <summary>One task for each seed, drawn once for all configurations.</summary>
public sealed class TrainingTasks : IDisposable
{
    private readonly Dictionary<ulong, TrainingTask> _tasks = [];

    internal TrainingTask this[ulong seed]
    {
        get
        {
            if (!_tasks.TryGetValue(seed, out TrainingTask? task))
            {
                task = new TrainingTask(seed);
                _tasks.Add(seed, task);
            }

            return task;
        }
    }

    public void Dispose()
    {
        foreach (TrainingTask task in _tasks.Values)
        {
            task.Dispose();
        }
    }
}
