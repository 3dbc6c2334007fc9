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
    string Name, string Title, double LearningRate,
    Func<IEnumerable<(string name, Parameter parameter)>, double, OptimizerHelper> Create)
{
    private const string Suffix32 = "32";
    private const string Suffix8 = "8bit";
    private const double Momentum = 0.9;
    private const double WeightDecay = 0.01;

    private static readonly TorchOptions Float32States = new() { MinQuantizedLength = long.MaxValue };

    /// <summary>Whether the states are quantized.</summary>
    public bool Is8Bit => !Name.EndsWith(Suffix32, StringComparison.Ordinal);

    /// <summary>Every choice: each shipped rule in 8 bits, and then its 32-bit form, which is TorchSharp's where it has
    /// one, and elsewhere the same rule with states that are not quantized.</summary>
    public static IReadOnlyList<OptimizerChoice> All { get; } =
    [
        .. Pair("adam", "Adam", 2e-3, (parameters, lr, options) => new Adam8bit(parameters, lr, options: options),
            (parameters, lr) => torch.optim.Adam(parameters, lr)),
        .. Pair("adamw", "AdamW", 2e-3,
            (parameters, lr, options) => new AdamW8bit(parameters, lr, weight_decay: WeightDecay, options: options),
            (parameters, lr) => torch.optim.AdamW(parameters, lr, weight_decay: WeightDecay)),
        .. Pair("sgd", "SGD", 0.1, (parameters, lr, options) => new Sgd8bit(parameters, lr, Momentum, options: options),
            (parameters, lr) => torch.optim.SGD(parameters, lr, Momentum)),
        .. Pair("rmsprop", "RMSProp", 1e-3,
            (parameters, lr, options) => new RMSProp8bit(parameters, lr, options: options),
            (parameters, lr) => torch.optim.RMSProp(parameters, lr)),
        .. Pair("lamb", "LAMB", 2e-2, (parameters, lr, options) => new Lamb8bit(parameters, lr, options: options)),
        .. Pair("muon", "Muon", 6e-3, (parameters, lr, options) => new Muon8bit(
            Muon8bit.Groups(parameters, name => name.Contains("mbedding", StringComparison.Ordinal)
                || name.StartsWith("_head", StringComparison.Ordinal)),
            lr, weight_decay: WeightDecay, options: options)),
        .. Pair("adafactor", "Adafactor", 2e-2,
            (parameters, lr, options) => new Adafactor8bit(parameters, lr, beta1: Momentum, options: options)),
        .. Pair("came", "CAME", 1e-3, (parameters, lr, options) => new Came8bit(parameters, lr, options: options)),
        .. Pair("sm3", "SM3", 0.1, (parameters, lr, options) => new Sm38bit(parameters, lr, options: options)),
        .. Pair("lion", "Lion", 3e-4, (parameters, lr, options) => new Lion8bit(parameters, lr, options: options)),
        .. Pair("ademamix", "AdEMAMix", 1e-3,
            (parameters, lr, options) => new AdEMAMix8bit(parameters, lr, options: options)),
        .. Pair("nadam", "NAdam", 2e-3, (parameters, lr, options) => new NAdam8bit(parameters, lr, options: options)),
        .. Pair("adamax", "Adamax", 4e-3,
            (parameters, lr, options) => new Adamax8bit(parameters, lr, options: options)),
        .. Pair("adagrad", "Adagrad", 2e-2,
            (parameters, lr, options) => new Adagrad8bit(parameters, lr, options: options)),
        .. Pair("adadelta", "Adadelta", 1,
            (parameters, lr, options) => new Adadelta8bit(parameters, lr, options: options)),
        .. Pair("signum", "Signum", 3e-4,
            (parameters, lr, options) => new Signum8bit(parameters, lr, options: options)),
        .. Pair("sgdw", "SGDW", 0.1,
            (parameters, lr, options) => new SgdW8bit(parameters, lr, Momentum, options: options)),
        .. Pair("lars", "LARS", 4, (parameters, lr, options) => new Lars8bit(parameters, lr, options: options)),
    ];

    private static OptimizerChoice[] Pair(
        string name, string title, double learningRate,
        Func<IEnumerable<(string name, Parameter parameter)>, double, TorchOptions?, OptimizerHelper> create,
        Func<IEnumerable<Parameter>, double, OptimizerHelper>? baseline = null) =>
    [
        new(name, "8-bit " + title, learningRate, (parameters, lr) => create(parameters, lr, null)),
        new(name + Suffix32, "32-bit " + title, learningRate, (parameters, lr) => baseline is null
            ? create(parameters, lr, Float32States)
            : baseline(parameters.Select(one => one.parameter), lr)),
    ];

    /// <summary>The same rule with 32-bit states.</summary>
    public OptimizerChoice Baseline => Is8Bit ? Find(Name + Suffix32) : this;

    /// <summary>A choice by its name; one in 8 bits also as in <c>muon8bit</c>.</summary>
    /// <exception cref="UsageException">There is none; the message lists all.</exception>
    public static OptimizerChoice Find(string name) =>
        All.FirstOrDefault(choice => choice.Name == name || (choice.Is8Bit && choice.Name + Suffix8 == name))
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
