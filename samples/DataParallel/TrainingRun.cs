using System.Diagnostics;
using System.Runtime.InteropServices;
using Requant.Distributed;
using Requant.Torch;
using TorchSharp;
using TorchSharp.Modules;
using Adam = Requant.Optimizers.Adam;
using static TorchSharp.torch;

namespace Requant.Samples.DataParallel;

/// <summary>Trains one model on ranks, each with micro-batches of its own; or in one process, which takes the
/// micro-batches of all ranks one after the other. Both have the same losses, bit for bit.</summary>
internal sealed class TrainingRun : IDisposable
{
    private const float LearningRate = 2e-3f;
    private const int ValidationBatches = 16;
    private const int ValidationBatchSize = 16;

    private readonly Corpus _corpus;
    private readonly TrainingPlan _plan;
    private readonly ICommunicator? _ranks;
    private readonly GptModel _model;
    private readonly Random _random;
    private readonly Scalar _divisor;

    /// <summary>Makes the model.</summary>
    /// <param name="corpus">What to train on.</param>
    /// <param name="plan">How.</param>
    /// <param name="ranks">As many as planned, of which this is one; null for one process.</param>
    public TrainingRun(Corpus corpus, TrainingPlan plan, ICommunicator? ranks)
    {
        (_corpus, _plan, _ranks) = (corpus, plan, ranks);
        _model = new GptModel(Shape, corpus.VocabularySize, plan.Seed, stableEmbedding: false);
        _random = new Random(plan.Seed);
        _divisor = plan.Ranks;
    }

    /// <summary>How large the model is.</summary>
    public static GptShape Shape { get; } = new(Context: 64, Width: 128, Layers: 3, Heads: 4);

    /// <summary>The ranks whose micro-batches this process takes.</summary>
    private IEnumerable<int> Mine => _ranks is null ? Enumerable.Range(0, _plan.Ranks) : [_ranks.Rank];

    /// <summary>Frees the model.</summary>
    public void Dispose()
    {
        _model.Dispose();
        _divisor.Dispose();
    }

    /// <summary>Trains and validates. All ranks wait for each other.</summary>
    /// <param name="report">Is told the step, its loss and the median time of a step so far, in milliseconds.</param>
    public RunResult Train(Action<int, double, double> report)
    {
        using OptimizerHelper optimizer = CreateOptimizer();
        optim.lr_scheduler.LRScheduler schedule = optim.lr_scheduler.LambdaLR(
            optimizer, step => WarmupCosine.Factor(step, _plan.Steps));
        List<double> losses = [], times = [];
        for (int step = 1; step <= _plan.Steps; step++)
        {
            long start = Stopwatch.GetTimestamp();
            losses.Add(Step(optimizer, step));
            schedule.step();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            report(step, losses[^1], times.Order().ElementAt(times.Count / 2));
        }

        double validationLoss = Validate();
        long stateBytes = optimizer is Sharded<Adam> sharded
            ? sharded.StateBytes
            : ((TorchOptimizer<Adam>)optimizer).StateBytes;
        return new RunResult(losses, validationLoss, _model.parameters().Sum(one => one.NumberOfElements),
            OfAllRanks([stateBytes], "counting states"));
    }

    private OptimizerHelper CreateOptimizer()
    {
        var adam = new Adam { Lr = LearningRate };
        return _ranks is null
            ? new TorchOptimizer<Adam>(_model.named_parameters(), adam)
            : new Sharded<Adam>(_ranks, _model.named_parameters(), adam);
    }

    /// <summary>Takes a step, and returns the mean of all micro-batches' losses.</summary>
    private double Step(OptimizerHelper optimizer, int step)
    {
        using DisposeScope scope = NewDisposeScope();
        // Every rank draws the whole batch, and takes its own part.
        int[] starts = [.. Enumerable.Range(0, _plan.GlobalBatch)
            .Select(_ => _random.Next(_corpus.Training.Length - Shape.Context))];
        optimizer.zero_grad();
        float[] losses = [.. Mine.Select(rank => MicroBatch(starts.AsSpan(rank * _plan.MicroBatch, _plan.MicroBatch)))];
        if (_ranks is null)
        {
            DivideGradients();
        }

        optimizer.step();
        return Mean(OfAllRanks(losses, $"loss of step {step}"));
    }

    /// <summary>Adds a micro-batch's gradients to the parameters', and returns its loss.</summary>
    private float MicroBatch(ReadOnlySpan<int> starts)
    {
        using DisposeScope scope = NewDisposeScope();
        int[] pieces = starts.ToArray();
        int piece = 0;
        Tensor loss = _model.Loss(_corpus.Training, pieces.Length, () => pieces[piece++]);
        loss.backward();
        return loss.item<float>();
    }

    /// <summary>Makes the sum of all micro-batches' gradients their mean, as ranks do.</summary>
    private void DivideGradients()
    {
        using IDisposable noGradients = no_grad();
        foreach (Parameter parameter in _model.parameters())
        {
            parameter.grad?.div_(_divisor);
        }
    }

    /// <summary>The mean loss of the validation batches, of which each rank takes as many.</summary>
    private double Validate()
    {
        int each = (ValidationBatches + _plan.Ranks - 1) / _plan.Ranks;
        float[] losses =
        [
            .. Mine.SelectMany(rank => Enumerable.Range(rank * each, each)).Select(batch => _model.EvaluationLoss(
                _corpus.Validation, batch, each * _plan.Ranks, ValidationBatchSize)),
        ];
        return Mean(OfAllRanks(losses, "validation"));
    }

    /// <summary>Adds in the order of ranks, so that the sum has the same bits wherever they are.</summary>
    private static double Mean(float[] losses) => losses.Sum(loss => (double)loss) / losses.Length;

    private T[] OfAllRanks<T>(T[] mine, string activity)
        where T : unmanaged
    {
        if (_ranks is null)
        {
            return mine;
        }

        T[] all = new T[mine.Length * _ranks.Size];
        _ranks.Gather(MemoryMarshal.AsBytes<T>(mine), MemoryMarshal.AsBytes(all.AsSpan()), activity);
        return all;
    }
}
