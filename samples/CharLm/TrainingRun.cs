using System.Diagnostics;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Samples.CharLm;

/// <summary>How a run went.</summary>
/// <param name="Title">Its optimizer.</param>
/// <param name="StableEmbedding">Whether the token embedding was a stable one.</param>
/// <param name="TrainingLosses">Cross entropy of each step's batch, in nats per character.</param>
/// <param name="ValidationLosses">Cross entropy of the validation batches after some steps; the last after all.</param>
/// <param name="ParameterCount">Elements of the model.</param>
/// <param name="StateBytesPerParameter">Optimizer states, in bytes per element of the model.</param>
/// <param name="OptimizerMilliseconds">Median time of an optimizer step.</param>
/// <param name="LeastOptimizerMilliseconds">The shortest, which other work on the machine does not lengthen.</param>
/// <param name="StepMilliseconds">Median time of a training step.</param>
internal sealed record RunResult(
    string Title,
    bool StableEmbedding,
    IReadOnlyList<double> TrainingLosses,
    IReadOnlyList<(int Step, double Loss)> ValidationLosses,
    long ParameterCount,
    double StateBytesPerParameter,
    double OptimizerMilliseconds,
    double LeastOptimizerMilliseconds,
    double StepMilliseconds)
{
    public double ValidationLoss => ValidationLosses[^1].Loss;
}

/// <summary>Trains one model with one optimizer. Runs of one seed see the same batches in the same order.</summary>
/// <param name="corpus">What to train on.</param>
/// <param name="choice">The optimizer.</param>
/// <param name="stableEmbedding">Whether the token embedding is a stable one.</param>
/// <param name="steps">Steps to take.</param>
/// <param name="seed">Of weights and batches.</param>
/// <param name="validations">How often to validate, the last time behind the last step.</param>
internal sealed class TrainingRun(
    Corpus corpus, OptimizerChoice choice, bool stableEmbedding, int steps, int seed,
    int validations = TrainingRun.Validations)
{
    private const int BatchSize = 16;
    private const int ValidationBatches = 20;
    private const int Validations = 8;

    private static readonly GptShape Shape = new(Context: 64, Width: 192, Layers: 4, Heads: 6);

    private readonly Random _random = new(seed);
    private readonly List<double> _trainingLosses = [];
    private readonly List<(int Step, double Loss)> _validationLosses = [];
    private readonly List<double> _optimizerTimes = [];
    private readonly List<double> _stepTimes = [];

    /// <summary>Trains and validates.</summary>
    /// <param name="report">Is told the step, its loss and the median time of a step so far, in milliseconds.</param>
    public RunResult Train(Action<int, double, double> report)
    {
        using var model = new GptModel(Shape, corpus.VocabularySize, seed, stableEmbedding);
        using OptimizerHelper optimizer = choice.Create(model.named_parameters(), choice.LearningRate);
        optim.lr_scheduler.LRScheduler schedule = optim.lr_scheduler.LambdaLR(
            optimizer, step => WarmupCosine.Factor(step, steps));
        int validateEvery = Math.Max(1, steps / validations);
        for (int step = 1; step <= steps; step++)
        {
            _trainingLosses.Add(Step(model, optimizer));
            schedule.step();
            if (step == steps || (step % validateEvery == 0 && steps - step >= validateEvery))
            {
                _validationLosses.Add((step, Validate(model)));
            }

            report(step, _trainingLosses[^1], Median(_stepTimes));
        }

        long parameterCount = model.parameters().Sum(parameter => parameter.NumberOfElements);
        return new RunResult(choice.Title, stableEmbedding, _trainingLosses, _validationLosses, parameterCount,
            (double)OptimizerChoice.StateBytes(optimizer) / parameterCount, Median(_optimizerTimes),
            _optimizerTimes.Min(), Median(_stepTimes));
    }

    private double Step(GptModel model, OptimizerHelper optimizer)
    {
        using DisposeScope scope = NewDisposeScope();
        long start = Stopwatch.GetTimestamp();
        optimizer.zero_grad();
        Tensor loss = model.Loss(
            corpus.Training, BatchSize, () => _random.Next(corpus.Training.Length - Shape.Context));
        loss.backward();
        long beforeUpdate = Stopwatch.GetTimestamp();
        optimizer.step();
        _optimizerTimes.Add(Stopwatch.GetElapsedTime(beforeUpdate).TotalMilliseconds);
        _stepTimes.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        return loss.item<float>();
    }

    private double Validate(GptModel model)
    {
        double sum = 0;
        for (int batch = 0; batch < ValidationBatches; batch++)
        {
            sum += model.EvaluationLoss(corpus.Validation, batch, ValidationBatches, BatchSize);
        }

        return sum / ValidationBatches;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
