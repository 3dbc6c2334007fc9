using Requant.Optimizers;
using Requant.Torch;
using TorchSharp;
using TorchSharp.Modules;
using Adam = Requant.Optimizers.Adam;

namespace Requant.Samples.StateComparison;

/// <summary>An optimizer whose states are float32, and those states.</summary>
internal sealed record OptimizerWithStates(torch.optim.Optimizer Optimizer, IReadOnlyList<ParameterState> States);

/// <summary>An optimizer that the sample trains with.</summary>
/// <param name="Name">As in figures and options.</param>
/// <param name="Title">For people.</param>
/// <param name="HasSecondMoment">Whether there is an unsigned state v beside m.</param>
/// <param name="Create">Makes it, for a learning rate.</param>
internal sealed record OptimizerChoice(
    string Name, string Title, bool HasSecondMoment, Func<IEnumerable<Parameter>, float, OptimizerWithStates> Create)
{
    private static readonly TorchOptions Float32States = new() { MinQuantizedLength = long.MaxValue, MaxThreads = 1 };

    /// <summary>Every optimizer.</summary>
    public static IReadOnlyList<OptimizerChoice> All { get; } =
    [
        new("adam", "Adam", true, (parameters, lr) => Make(parameters, new Adam { Lr = lr })),
        new(
            "momentum", "momentum 0.9", false,
            (parameters, lr) => Make(parameters, new Momentum { Lr = lr, Beta = 0.9f })),
        new(
            "momentum99", "momentum 0.99", false,
            (parameters, lr) => Make(parameters, new Momentum { Lr = lr, Beta = 0.99f })),
        new("lion", "Lion", false, (parameters, lr) => Make(parameters, new Lion { Lr = lr })),
    ];

    /// <summary>The settings that make a difference to it.</summary>
    public IReadOnlyList<StateSetting> Settings => HasSecondMoment ? StateSetting.All : StateSetting.Signed;

    /// <summary>By name.</summary>
    /// <exception cref="UsageException">There is none of this name.</exception>
    public static OptimizerChoice Find(string name) => All.FirstOrDefault(choice => choice.Name == name)
        ?? throw new UsageException(
            $"--optimizers: there is no '{name}'. Choose from {string.Join(", ", All.Select(one => one.Name))}.");

    private static OptimizerWithStates Make<TRule>(IEnumerable<Parameter> parameters, TRule rule)
        where TRule : IOptimizerRule<TRule>
    {
        var optimizer = new TorchOptimizer<TRule>(parameters, rule, Float32States);
        return new OptimizerWithStates(optimizer, [.. optimizer.States.Select(one => one.State)]);
    }
}
