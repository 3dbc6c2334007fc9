using Requant.Torch;
using TorchSharp;
using static TorchSharp.torch;
using Adam = Requant.Optimizers.Adam;

namespace Requant.Samples.PaperAblation;

/// <summary>What a run is given. Runs of one seed see the same batches in the same order.</summary>
internal sealed record RunPlan(Variant Variant, Setting Setting, int Seed, int Steps, float LearningRate);

/// <summary>How a run went.</summary>
/// <param name="Plan">What it was given.</param>
/// <param name="TrainingLosses">Cross entropy of each step's batch, in nats per word; the last one where it is not
/// finite.</param>
/// <param name="Loss">Validation cross entropy at the end; infinite where training stopped at a loss that
/// is not finite.</param>
internal sealed record RunResult(RunPlan Plan, IReadOnlyList<double> TrainingLosses, double Loss);

/// <summary>Trains one model. Several runs may be trained at a time, each on a thread of its own.</summary>
internal sealed class TrainingRun(WordCorpus corpus, RunPlan plan)
{
    private const int BatchSize = 16;
    private const int ValidationBatches = 8;
    private const int ValidationBatchSize = 64;

    private static readonly GptShape Shape = new(Context: 32, Width: 64, Layers: 2, Heads: 4);

    // torch has one generator of random numbers, and stable embeddings one list, for all threads.
    private static readonly Lock Construction = new();

    private readonly Random _random = new(plan.Seed);

    /// <summary>Trains and validates.</summary>
    /// <param name="observe">Is told the steps that are done and sees the optimizer, after backward and before the
    /// update.</param>
    public RunResult Train(Action<int, TorchOptimizer<Adam>>? observe = null)
    {
        (GptModel model, TorchOptimizer<Adam> optimizer) = Create();
        try
        {
            return Train(model, optimizer, observe);
        }
        finally
        {
            lock (Construction)
            {
                optimizer.Dispose();
                model.Dispose();
            }
        }
    }

    private (GptModel Model, TorchOptimizer<Adam> Optimizer) Create()
    {
        lock (Construction)
        {
            var model = new GptModel(Shape, corpus.VocabularySize, plan.Seed, plan.Variant.StableEmbedding);
            return (model, plan.Variant.CreateOptimizer(model.parameters(), plan.Setting.Rule(plan.LearningRate)));
        }
    }

    private RunResult Train(GptModel model, TorchOptimizer<Adam> optimizer, Action<int, TorchOptimizer<Adam>>? observe)
    {
        List<double> losses = [];
        optim.lr_scheduler.LRScheduler schedule = optim.lr_scheduler.LambdaLR(
            optimizer, step => WarmupCosine.Factor(step, plan.Steps));
        for (int step = 0; step < plan.Steps; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            optimizer.zero_grad();
            Tensor loss = model.Loss(corpus.Training, BatchSize,
                () => _random.Next(corpus.Training.Length - Shape.Context));
            losses.Add(loss.item<float>());
            if (!double.IsFinite(losses[^1]))
            {
                return new RunResult(plan, losses, double.PositiveInfinity);
            }

            loss.backward();
            observe?.Invoke(step, optimizer);
            optimizer.step();
            plan.Variant.AfterStep(optimizer);
            schedule.step();
        }

        double validation = Validate(model);
        return new RunResult(plan, losses, double.IsFinite(validation) ? validation : double.PositiveInfinity);
    }

    private double Validate(GptModel model)
    {
        using IDisposable noGradients = no_grad();
        int stride = (corpus.Validation.Length - Shape.Context - 1) / (ValidationBatches * ValidationBatchSize);
        int window = 0;
        double sum = 0;
        for (int batch = 0; batch < ValidationBatches; batch++)
        {
            using DisposeScope scope = NewDisposeScope();
            sum += model.Loss(corpus.Validation, ValidationBatchSize, () => stride * window++).item<float>();
        }

        return sum / ValidationBatches;
    }
}
