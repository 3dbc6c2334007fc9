using Requant.Torch;
using TorchSharp;
using TorchSharp.Modules;

namespace Requant.Samples.CharLm;

/// <summary>One optimizer that the sample can train with.</summary>
/// <param name="Name">As given to --optimizer.</param>
/// <param name="Title">For people.</param>
/// <param name="LearningRate">Highest learning rate of the schedule: a usual one, the same for 8 and 32 bits.</param>
/// <param name="Create">Makes it.</param>
internal sealed record OptimizerChoice(
    string Name, string Title, double LearningRate, Func<IEnumerable<Parameter>, double, OptimizerHelper> Create)
{
    private const string Suffix32 = "32";
    private const double Momentum = 0.9;
    private const double WeightDecay = 0.01;

    private static readonly TorchOptions Float32States = new() { MinQuantizedLength = long.MaxValue };

    /// <summary>Whether the states are quantized.</summary>
    public bool Is8Bit => !Name.EndsWith(Suffix32, StringComparison.Ordinal);

    /// <summary>Every choice.</summary>
    public static IReadOnlyList<OptimizerChoice> All { get; } =
    [
        new("adam", "8-bit Adam", 2e-3, (parameters, lr) => new Adam8bit(parameters, lr)),
        new("adamw", "8-bit AdamW", 2e-3, (parameters, lr) => new AdamW8bit(parameters, lr, weight_decay: WeightDecay)),
        new("sgd", "8-bit SGD", 0.1, (parameters, lr) => new Sgd8bit(parameters, lr, Momentum)),
        new("rmsprop", "8-bit RMSProp", 1e-3, (parameters, lr) => new RMSProp8bit(parameters, lr)),
        new("lamb", "8-bit LAMB", 2e-2, (parameters, lr) => new Lamb8bit(parameters, lr)),
        new("adam32", "32-bit Adam", 2e-3, (parameters, lr) => torch.optim.Adam(parameters, lr)),
        new("adamw32", "32-bit AdamW", 2e-3,
            (parameters, lr) => torch.optim.AdamW(parameters, lr, weight_decay: WeightDecay)),
        new("sgd32", "32-bit SGD", 0.1, (parameters, lr) => torch.optim.SGD(parameters, lr, Momentum)),
        new("rmsprop32", "32-bit RMSProp", 1e-3, (parameters, lr) => torch.optim.RMSProp(parameters, lr)),
        // TorchSharp has no LAMB; this is the same rule with states that are not quantized.
        new("lamb32", "32-bit LAMB", 2e-2, (parameters, lr) => new Lamb8bit(parameters, lr, options: Float32States)),
    ];

    /// <summary>The same rule with 32-bit states.</summary>
    public OptimizerChoice Baseline => Is8Bit ? Find(Name + Suffix32) : this;

    /// <summary>A choice by its name.</summary>
    /// <exception cref="UsageException">There is none; the message lists all.</exception>
    public static OptimizerChoice Find(string name) => All.FirstOrDefault(choice => choice.Name == name)
        ?? throw new UsageException($"--optimizer: there is no '{name}'. Choose one of "
            + string.Join(", ", All.Select(choice => choice.Name)) + ".");

    /// <summary>Bytes that an optimizer's states occupy.</summary>
    public static long StateBytes(OptimizerHelper optimizer) => optimizer.state_dict().State.Sum(state => state switch
    {
        TorchParameterState quantized => quantized.State.StateBytes,
        Adam.State adam => Bytes(adam.exp_avg) + Bytes(adam.exp_avg_sq),
        AdamW.State adam => Bytes(adam.exp_avg) + Bytes(adam.exp_avg_sq),
        SGD.State sgd => Bytes(sgd.momentum_buffer),
        RMSProp.State rmsProp => Bytes(rmsProp.square_avg) + Bytes(rmsProp.momentum_buffer) + Bytes(rmsProp.grad_avg),
        _ => throw new NotSupportedException($"The size of {state.GetType()} is not known."),
    });

    private static long Bytes(torch.Tensor? tensor) =>
        tensor is null ? 0 : tensor.NumberOfElements * tensor.ElementSize;
}
