using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests.Training;

/// <summary>The task of TorchSharp's own tests of its optimizers (test/TorchSharpTest/TestTraining.cs of
/// github.com/dotnet/TorchSharp): a network of 1000, 100 and 10 units with a ReLU between learns 64 random targets; the
/// loss is the sum of squared errors.</summary>
/// <remarks>The inputs are positive, so that a unit's ReLU is often off in the whole batch and the gradients of all its
/// weights are exactly 0 for some steps: a second moment that is stored as 0 beside a first moment that is not shows at
/// once.</remarks>
internal sealed class TrainingTask : IDisposable
{
    private const int Inputs = 1000;
    private const int Hidden = 100;
    private const int Outputs = 10;
    private const int Batch = 64;

    /// <summary>As codes of 8 values an octave are off, on average.</summary>
    private const double RelativeNoise = 0.06;

    private readonly Tensor[] _initial;
    private readonly Tensor _input;
    private readonly Tensor _target;

    /// <summary>Draws all parameters first, in order, then the batch, so that TorchSharp's figures hold.</summary>
    public TrainingTask(ulong seed)
    {
        using var generator = new Generator(seed);
        _initial =
        [
            Uniform(Inputs, Hidden, Inputs), Uniform(Inputs, Hidden),
            Uniform(Hidden, Outputs, Hidden), Uniform(Hidden, Outputs),
        ];
        _input = rand([Batch, Inputs], generator: generator);
        _target = rand([Batch, Outputs], generator: generator);

        Tensor Uniform(int fanIn, params long[] shape)
        {
            double bound = 1 / Math.Sqrt(fanIn);
            return (rand(shape, generator: generator) * (2 * bound)) - bound;
        }
    }

    /// <summary>Trains a new network and returns the loss before each step; negated, where it is maximized.</summary>
    /// <param name="configuration">How it is trained.</param>
    /// <param name="make">Makes the optimizer.</param>
    /// <param name="noise">Seed of noise that gradients are multiplied by; none when null.</param>
    public double[] Train(
        TrainingConfiguration configuration, Func<TrainingNetwork, OptimizerHelper> make, ulong? noise = null)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator? generator = noise is ulong seed ? new Generator(seed) : null;
        using Sequential model = nn.Sequential(
            ("hidden", nn.Linear(Inputs, Hidden)), ("relu", nn.ReLU()), ("output", nn.Linear(Hidden, Outputs)));
        Parameter[] parameters = [.. model.parameters()];
        using (no_grad())
        {
            foreach ((Parameter parameter, Tensor initial) in parameters.Zip(_initial))
            {
                parameter.copy_(initial);
            }
        }

        using OptimizerHelper optimizer = make(new TrainingNetwork(parameters[..2], parameters[2..]));
        optim.lr_scheduler.LRScheduler? scheduler = configuration.Schedule?.Invoke(optimizer);
        double[] losses = new double[configuration.Steps];
        for (int step = 0; step < losses.Length; step++)
        {
            losses[step] = TakeStep(model, optimizer, configuration.IsMaximized, generator);
            scheduler?.step(losses[step]);
        }

        return losses;
    }

    public void Dispose()
    {
        Array.ForEach(_initial, tensor => tensor.Dispose());
        _input.Dispose();
        _target.Dispose();
    }

    private double TakeStep(Sequential model, OptimizerHelper optimizer, bool isMaximized, Generator? noise)
    {
        using DisposeScope scope = NewDisposeScope();
        optimizer.zero_grad();
        Tensor loss = nn.functional.mse_loss(model.forward(_input), _target, nn.Reduction.Sum);
        loss = isMaximized ? -loss : loss;
        loss.backward();
        if (noise is not null)
        {
            foreach (Parameter parameter in model.parameters())
            {
                parameter.grad!.mul_(1 + (RelativeNoise * randn(parameter.shape, generator: noise)));
            }
        }

        optimizer.TakeStep();
        return loss.item<float>();
    }
}

/// <summary>What configurations make optimizers of.</summary>
/// <param name="Hidden">Weight and bias of the first layer.</param>
/// <param name="Output">Weight and bias of the second layer.</param>
internal sealed record TrainingNetwork(Parameter[] Hidden, Parameter[] Output)
{
    public Parameter[] All { get; } = [.. Hidden, .. Output];
}
