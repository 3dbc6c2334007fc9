using static TorchSharp.torch;

namespace Requant.Torch;

/// <content>Scaled gradients, and steps that look at all gradients before they change anything.</content>
public partial class TorchOptimizer<TRule>
{
    /// <summary>The Euclidean norm of the last step's gradients, over all groups, without the loss scale of a
    /// <see cref="GradScaler"/> and before clipping; elements that are not finite are left out. Null where no step measured it:
    /// steps do with <see cref="TorchOptions.MaxGradientNorm"/>, with <see cref="NonFinitePolicy.SkipStep"/> or
    /// <see cref="NonFinitePolicy.Throw"/>, and with a <see cref="GradScaler"/>.</summary>
    public double? GradientNorm { get; private set; }

    /// <summary>Steps skipped because a gradient was NaN or infinite, by <see cref="NonFinitePolicy.SkipStep"/> or a
    /// <see cref="GradScaler"/>.</summary>
    public long SkippedSteps { get; private set; }

    /// <summary>Whether the last step was skipped because a gradient was NaN or infinite.</summary>
    public bool LastStepSkipped { get; private set; }

    NonFinitePolicy IScaledStep.NonFinite => _options.NonFinite;

    bool IScaledStep.StepScaled(float inverseScale)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return StepAllGroups(inverseScale, NonFinitePolicy.SkipStep);
    }

    /// <summary>All groups are checked, and measured where it is asked for, before the first one changes anything.</summary>
    private bool StepAllGroups(float scale, NonFinitePolicy policy)
    {
        using Turns.Turn turn = _load.Turns.Take();
        using IDisposable noGradients = no_grad();
        try
        {
            _groups.ForEach(group => group.Collect(_known));
            if (_options.MaxGradientNorm is not null || policy is NonFinitePolicy.SkipStep or NonFinitePolicy.Throw)
            {
                GradientMeasure measure = default;
                _groups.ForEach(group => measure += group.Measure(scale));
                LastStepSkipped = !measure.Allows(policy);
                GradientNorm = measure.Norm;
                if (LastStepSkipped)
                {
                    SkippedSteps++;
                    return false;
                }

                scale = measure.ClippingScale(scale, _options.MaxGradientNorm);
            }

            if (_groups.Count > 1)
            {
                _groups.ForEach(group => group.Check());
            }

            _groups.ForEach(group => group.Announce());
            _groups.ForEach(group => group.Run(scale));
            LastStepSkipped = false;
            return true;
        }
        finally
        {
            _groups.ForEach(group => group.Release());
        }
    }
}
