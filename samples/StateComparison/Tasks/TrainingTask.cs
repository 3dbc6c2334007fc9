using TorchSharp;
using static TorchSharp.torch;

namespace Requant.Samples.StateComparison;

/// <summary>Highest learning rates of a task, by optimizer: the best of a few for float32 states.</summary>
internal sealed record LearningRates(float Adam, float Momentum, float Momentum99, float Lion)
{
    /// <summary>That of an optimizer.</summary>
    public float Of(OptimizerChoice optimizer) => optimizer.Name switch
    {
        "adam" => Adam,
        "momentum" => Momentum,
        "momentum99" => Momentum99,
        "lion" => Lion,
        _ => throw new ArgumentException($"There is no learning rate for '{optimizer.Name}'.", nameof(optimizer)),
    };
}

/// <summary>Something small to train. Data are the same for all seeds; weights and batches depend on them.</summary>
/// <remarks>Several threads may use a task at a time.</remarks>
internal abstract class TrainingTask(TaskChoice choice)
{
    /// <summary>What it was made from.</summary>
    public TaskChoice Choice => choice;

    /// <summary>Makes a model; its weights depend on torch's generator, which the caller has seeded.</summary>
    /// <param name="seed">What it was seeded with.</param>
    public abstract nn.Module<Tensor, Tensor> CreateModel(int seed);

    /// <summary>The loss of a random batch, a scalar.</summary>
    /// <param name="model">From <see cref="CreateModel"/>.</param>
    /// <param name="step">From 0.</param>
    /// <param name="steps">Of the whole training.</param>
    /// <param name="random">Chooses the batch.</param>
    public abstract Tensor TrainingLoss(nn.Module<Tensor, Tensor> model, int step, int steps, Random random);

    /// <summary>The mean loss of data that no batch has.</summary>
    public abstract double EvaluationLoss(nn.Module<Tensor, Tensor> model);
}

/// <summary>A task before its data are read or generated.</summary>
/// <param name="Name">As in figures and options.</param>
/// <param name="Title">For people.</param>
/// <param name="Steps">Of a run, by default.</param>
/// <param name="LearningRates">By optimizer.</param>
/// <param name="Load">Reads or generates the data.</param>
internal sealed record TaskChoice(
    string Name, string Title, int Steps, LearningRates LearningRates, Func<TaskChoice, TrainingTask> Load)
{
    /// <summary>Every task.</summary>
    public static IReadOnlyList<TaskChoice> All { get; } =
    [
        new("characters", "characters, small", 400, new(2e-2f, 0.7f, 0.05f, 4e-3f),
            choice =>
                new CharacterTask(choice, new GptShape(Context: 32, Width: 64, Layers: 1, Heads: 4), batchSize: 16)),
        new("characters-large", "characters, larger", 400, new(4e-3f, 0.4f, 0.04f, 1e-3f),
            choice =>
                new CharacterTask(choice, new GptShape(Context: 32, Width: 96, Layers: 2, Heads: 4), batchSize: 8)),
        new("bag", "bag of words", 1000, new(2e-3f, 0.05f, 5e-3f, 4e-4f), choice => new BagOfWordsTask(choice)),
        new(
            "words", "embedding of 16,000 words", 900, new(1.5e-2f, 0.4f, 0.02f, 2e-3f),
            choice => new WordTask(choice)),
        new("images", "convolutions", 700, new(2e-3f, 0.02f, 1.5e-3f, 4e-4f), choice => new ImageTask(choice)),
        new("fading", "long, fading gradients", 8000, new(6e-3f, 0.7f, 0.08f, 1e-3f), choice => new FadingTask(choice)),
    ];

    /// <summary>By name.</summary>
    /// <exception cref="UsageException">There is none of this name.</exception>
    public static TaskChoice Find(string name) => All.FirstOrDefault(choice => choice.Name == name)
        ?? throw new UsageException(
            $"--tasks: there is no '{name}'. Choose from {string.Join(", ", All.Select(one => one.Name))}.");

    /// <summary>Makes the task.</summary>
    public TrainingTask Create() => Load(this);
}
