using static TorchSharp.torch;

namespace Requant.Torch;

/// <content>Scaled gradients, and steps that look at all gradients before they change anything.</content>
public partial class TorchOptimizer<TRule>
{
    /// <summary>The Euclidean norm of the last step's gradients, over all groups, without the loss scale of a
    /// <see cref="GradScaler"/> and before clipping; elements that are not finite are left out. Null where no step
    /// measured it: steps do with <see cref="TorchOptions.MaxGradientNorm"/>, with
    /// <see cref="NonFinitePolicy.SkipStep"/> or <see cref="NonFinitePolicy.Throw"/>, and with a
    /// <see cref="GradScaler"/>.</summary>
    public double? GradientNorm => _parts.GradientNorm;

    /// <summary>Steps skipped because a gradient was NaN or infinite, by <see cref="NonFinitePolicy.SkipStep"/> or a
    /// <see cref="GradScaler"/>.</summary>
    public long SkippedSteps => _parts.SkippedSteps;

    /// <summary>Whether the last step was skipped because a gradient was NaN or infinite.</summary>
    public bool LastStepSkipped => _parts.LastStepSkipped;

    NonFinitePolicy IScaledStep.NonFinite => _options.NonFinite;

    bool IScaledStep.StepScaled(float inverseScale)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return StepAllGroups(inverseScale, NonFinitePolicy.SkipStep);
    }

    /// <summary>All groups are checked, and measured where it is asked for, before the first one
    /// changes anything.</summary>
    private bool StepAllGroups(float scale, NonFinitePolicy policy)
    {
        using ExclusiveGate.Passage passage = _load.Gate.Enter();
        using IDisposable noGradients = no_grad();
        try
        {
            foreach (DevicePart<TRule> part in _parts.All)
            {
                part.Begin();
            }

            _groups.ForEach(group => group.Collect(_known));
            _parts.Step(scale, policy, _rounding.Seed, _announce);
            if (LastStepSkipped)
            {
                return false;
            }

            _groups.ForEach(group => group.CopyBack());
            return true;
        }
        finally
        {
            _groups.ForEach(group => group.Release());
        }
    }
}
