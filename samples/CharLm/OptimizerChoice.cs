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

    /// <summary>The embedding that goes with it: 8-bit states want a stable one.</summary>
    public Func<long, long, torch.nn.Module<torch.Tensor, torch.Tensor>> CreateEmbedding =>
        Is8Bit ? GptModel.PlainEmbedding : GptModel.PlainEmbedding;

    /// <summary>Whether the states are quantized.</summary>
    public bool Is8Bit => !Name.EndsWith(Suffix32, StringComparison.Ordinal);

    /// <summary>Every choice.</summary>
    public static IReadOnlyList<OptimizerChoice> All { get; } =
    [
        new("adam32", "32-bit Adam", 2e-3, (parameters, lr) => torch.optim.Adam(parameters, lr)),
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
        Adam.State adam => Bytes(adam.exp_avg) + Bytes(adam.exp_avg_sq),
        AdamW.State adam => Bytes(adam.exp_avg) + Bytes(adam.exp_avg_sq),
        SGD.State sgd => Bytes(sgd.momentum_buffer),
        RMSProp.State rmsProp => Bytes(rmsProp.square_avg) + Bytes(rmsProp.momentum_buffer) + Bytes(rmsProp.grad_avg),
        _ => throw new NotSupportedException($"The size of {state.GetType()} is not known."),
    });

    private static long Bytes(torch.Tensor? tensor) => tensor is null ? 0 : tensor.NumberOfElements * tensor.ElementSize;
}
