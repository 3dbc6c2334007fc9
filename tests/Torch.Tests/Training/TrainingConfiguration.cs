using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim.lr_scheduler;

namespace Requant.Torch.Tests.Training;

/// <summary>An optimizer of TorchSharp with its options, and ours in its place.</summary>
/// <param name="KnownLoss">What TorchSharp's tests expect in the last step, with their seed.</param>
/// <param name="Torchs">TorchSharp's own optimizer; null where it has none.</param>
/// <param name="Ours">The drop-in with the same hyperparameters.</param>
internal sealed record TrainingConfiguration(
    double? KnownLoss,
    Func<TrainingNetwork, OptimizerHelper>? Torchs,
    Func<TrainingNetwork, TorchOptions, OptimizerHelper> Ours)
{
    public int Steps { get; init; } = 10;

    public Func<optim.Optimizer, LRScheduler>? Schedule { get; init; }

    public bool IsMaximized { get; init; }

    /// <summary>Whether the rule makes more of a small difference between states: by updates that feed back into
    /// updates, or by a trust ratio of the whole tensor.</summary>
    public bool Amplifies { get; init; }

    /// <summary>Whether decay moves the weights of a unit whose ReLU is off in the whole batch until it comes back,
    /// with a jump of the loss, in a step that a small difference decides.</summary>
    public bool WakesUnits { get; init; }
}
