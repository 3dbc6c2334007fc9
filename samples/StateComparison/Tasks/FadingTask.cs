using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Samples.StateComparison;

/// <summary>A long training whose gradients fade in part: every other output is of a second task, the weight of which
/// falls to a thirtieth soon. Rates fall to a tenth over the whole training.</summary>
/// <remarks>A network learns what a larger random one answers. The evaluation weighs both tasks alike, so that it shows
/// whether the second one is still learnt after its gradients became small beside their neighbours'.</remarks>
internal sealed class FadingTask : TrainingTask
{
    private const int Inputs = 32;
    private const int Hidden = 64;
    private const int Outputs = 64;
    private const int TeacherHidden = 48;
    private const int BatchSize = 32;
    private const int Examples = 65_536;
    private const int EvaluationExamples = 4_096;
    private const double FadingStart = 0.1;
    private const float FadedWeight = 1 / 30f;
    private const float TargetNoise = 0.1f;
    private const int DataSeed = 3;

    private readonly Tensor _inputs;
    private readonly Tensor _targets;
    private readonly Tensor _evaluationInputs;
    private readonly Tensor _evaluationTargets;
    private readonly Tensor _weights = ones(Outputs);
    private readonly Tensor _fadedWeights =
        tensor([.. Enumerable.Range(0, Outputs).Select(output => output % 2 == 0 ? 1f : FadedWeight)]);

    /// <summary>Generates the data.</summary>
    public FadingTask(TaskChoice choice)
        : base(choice)
    {
        var random = new Random(DataSeed);
        using IDisposable noGradients = no_grad();
        using Tensor first = Normal(random, Inputs, TeacherHidden, 1.5 / Math.Sqrt(Inputs));
        using Tensor second = Normal(random, TeacherHidden, Outputs, 1 / Math.Sqrt(TeacherHidden));
        (_inputs, _targets) = Answer(Examples);
        (_evaluationInputs, _evaluationTargets) = Answer(EvaluationExamples);

        (Tensor, Tensor) Answer(int count)
        {
            Tensor inputs = Normal(random, count, Inputs, 1);
            using Tensor hidden = inputs.matmul(first);
            using Tensor activations = hidden.sin();
            using Tensor exact = activations.matmul(second);
            using Tensor noise = Normal(random, count, Outputs, TargetNoise);
            return (inputs, exact.Plus(noise));
        }
    }

    /// <inheritdoc/>
    public override nn.Module<Tensor, Tensor> CreateModel(int seed) =>
        nn.Sequential(
            nn.Linear(Inputs, 2 * Hidden), nn.Tanh(), nn.Linear(2 * Hidden, Hidden), nn.Tanh(),
            nn.Linear(Hidden, Outputs));

    /// <inheritdoc/>
    public override Tensor TrainingLoss(nn.Module<Tensor, Tensor> model, int step, int steps, Random random)
    {
        Tensor weights = step < FadingStart * steps ? _weights : _fadedWeights;
        int start = random.Next(Examples / BatchSize) * BatchSize;
        Tensor errors = nn.functional.mse_loss(model.forward(_inputs.narrow(0, start, BatchSize)),
            _targets.narrow(0, start, BatchSize), nn.Reduction.None);
        return errors.mul(weights).mean();
    }

    /// <inheritdoc/>
    public override double EvaluationLoss(nn.Module<Tensor, Tensor> model)
    {
        using DisposeScope scope = NewDisposeScope();
        return nn.functional.mse_loss(model.forward(_evaluationInputs), _evaluationTargets).item<float>();
    }

    private static Tensor Normal(Random random, int rows, int columns, double deviation) => tensor(
        [.. Enumerable.Range(0, rows * columns).Select(_ => (float)(deviation * Generated.Normal(random)))],
        [rows, columns]);
}
