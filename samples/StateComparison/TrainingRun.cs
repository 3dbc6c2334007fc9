using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace Requant.Samples.StateComparison;

/// <summary>What a run is given. Runs of one task and seed start from the same weights and see the same batches in the
/// same order.</summary>
/// <param name="Task">What is trained.</param>
/// <param name="Optimizer">By what.</param>
/// <param name="Setting">How states are kept.</param>
/// <param name="Seed">Of weights, batches and stochastic rounding.</param>
/// <param name="Steps">Updates.</param>
/// <param name="LearningRate">The highest of the schedule.</param>
internal sealed record RunPlan(
    TrainingTask Task, OptimizerChoice Optimizer, StateSetting Setting, int Seed, int Steps, float LearningRate);

/// <summary>How a run went.</summary>
/// <param name="Plan">What it was given.</param>
/// <param name="Loss">Of the evaluation data at the end; infinite where a loss was not finite.</param>
/// <param name="Seconds">It took.</param>
internal sealed record RunResult(RunPlan Plan, double Loss, double Seconds);

/// <summary>Trains one model. Several runs may be trained at a time, each on a thread of its own.</summary>
internal sealed class TrainingRun(RunPlan plan)
{
    // torch has one generator of random numbers for all threads.
    private static readonly Lock Construction = new();

    private readonly Random _random = new(plan.Seed);
    private ByteGenerator _seeds = new((ulong)plan.Seed);
    private float[] _scratch = [];

    /// <summary>Trains and evaluates.</summary>
    /// <param name="observe">Sees the step, from 0, and the states after each update, as they are kept.</param>
    public RunResult Train(Action<int, IReadOnlyList<ParameterState>>? observe = null)
    {
        long start = Stopwatch.GetTimestamp();
        (nn.Module<Tensor, Tensor> model, OptimizerWithStates optimizer) = Create();
        try
        {
            double loss = Train(model, optimizer, observe);
            return new RunResult(plan, double.IsFinite(loss) ? loss : double.PositiveInfinity,
                Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        finally
        {
            lock (Construction)
            {
                optimizer.Optimizer.Dispose();
                model.Dispose();
            }
        }
    }

    private (nn.Module<Tensor, Tensor> Model, OptimizerWithStates Optimizer) Create()
    {
        lock (Construction)
        {
            manual_seed(plan.Seed);
            nn.Module<Tensor, Tensor> model = plan.Task.CreateModel(plan.Seed);
            return (model, plan.Optimizer.Create(model.parameters(), plan.LearningRate));
        }
    }

    private double Train(
        nn.Module<Tensor, Tensor> model, OptimizerWithStates optimizer,
        Action<int, IReadOnlyList<ParameterState>>? observe)
    {
        optim.lr_scheduler.LRScheduler schedule =
            optim.lr_scheduler.LambdaLR(optimizer.Optimizer, step => WarmupCosine.Factor(step, plan.Steps));
        for (int step = 0; step < plan.Steps; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            optimizer.Optimizer.zero_grad();
            Tensor loss = plan.Task.TrainingLoss(model, step, plan.Steps, _random);
            if (!float.IsFinite(loss.item<float>()))
            {
                return double.PositiveInfinity;
            }

            loss.backward();
            optimizer.Optimizer.step();
            Round(optimizer.States);
            observe?.Invoke(step, optimizer.States);
            schedule.step();
        }

        using IDisposable noGradients = no_grad();
        return plan.Task.EvaluationLoss(model);
    }

    /// <summary>The update is made from states that are not rounded yet, so that to round them after it is what 8-bit
    /// storage does.</summary>
    private void Round(IReadOnlyList<ParameterState> parameters)
    {
        foreach (ParameterState parameter in parameters.Where(one => one.Length >= StateSetting.MinQuantizedLength))
        {
            Round(parameter.States["m"], plan.Setting.First, isSigned: true);
            if (plan.Optimizer.HasSecondMoment)
            {
                Round(parameter.States["v"], plan.Setting.Second, isSigned: false);
            }
        }
    }

    private void Round(QuantizedState state, SimulatedState kept, bool isSigned)
    {
        ulong seed = _seeds.Next();
        if (kept.Codec == SimulatedCodec.Float32)
        {
            return;
        }

        int length = (int)state.Length;
        if (_scratch.Length < length)
        {
            _scratch = new float[length];
        }

        Span<float> values = _scratch.AsSpan(0, length);
        state.Values.CopyTo(values);
        kept.Round(values, isSigned, seed);
        state.SetValues(0, values);
    }
}
