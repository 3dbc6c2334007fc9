using Requant.Cpu;

namespace Requant;

/// <content>Scaled gradients, and steps that look at all gradients before they change anything.</content>
public sealed partial class Optimizer<TRule>
{
    private float _gradientScale = 1f;

    /// <summary>What a step multiplies every gradient by, inside its kernels: the inverse of the loss scale where training has
    /// one; 1 by default. The gradients in memory stay as they are, and the step has the bits of one with gradients that were
    /// multiplied beforehand in float32, in all phases of a rule.</summary>
    /// <remarks>
    /// <code>
    /// optimizer.GradientScale = 1f / lossScale;
    /// optimizer.Step(w, weights, gradients);         // gradients of loss * lossScale
    /// </code>
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">Set to a number that is negative or not finite.</exception>
    /// <exception cref="NotSupportedException">Set to another number than 1, and the optimizer's device is not the
    /// processor.</exception>
    public float GradientScale
    {
        get => _gradientScale;
        set
        {
            if (!(float.IsFinite(value) && value >= 0))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(value), value, $"{nameof(GradientScale)} is a finite number, 0 or above.");
            }

            if (value != 1f && !Options.Device.IsCpu)
            {
                throw new NotSupportedException(
                    $"{nameof(GradientScale)} {value} works on the processor, and this optimizer runs on {Options.Device}; multiply the "
                    + $"gradients before the step and leave {nameof(GradientScale)} at 1.");
            }

            _gradientScale = value;
        }
    }

    /// <summary>The Euclidean norm of the last step's gradients, over all its tensors, after <see cref="GradientScale"/> and before
    /// clipping; elements that are not finite are left out. Null where no step measured it: steps do with
    /// <see cref="OptimizerOptions.MaxGradientNorm"/>, <see cref="NonFinitePolicy.SkipStep"/> or
    /// <see cref="NonFinitePolicy.Throw"/>.</summary>
    public double? GradientNorm { get; private set; }

    /// <summary>Steps that <see cref="NonFinitePolicy.SkipStep"/> skipped; their elements are not in
    /// <see cref="SkippedElements"/>.</summary>
    public long SkippedSteps { get; private set; }

    /// <summary>Whether the last step was skipped by <see cref="NonFinitePolicy.SkipStep"/>.</summary>
    public bool LastStepSkipped { get; private set; }

    /// <summary>Measures the gradients of a step that is to come, after <see cref="GradientScale"/>, in one pass over all threads;
    /// changes nothing. The bits of the result do not depend on threads or vector widths.</summary>
    /// <param name="updates">As for <see cref="Step(ReadOnlySpan{TensorUpdate})"/>; parameters are not looked at.</param>
    /// <exception cref="ArgumentException">As for <see cref="Step(ReadOnlySpan{TensorUpdate})"/>.</exception>
    /// <exception cref="ArgumentNullException">A state is null.</exception>
    /// <exception cref="InvalidOperationException">The optimizer's device is not the processor, or a step is under way.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public GradientMeasure MeasureGradients(params ReadOnlySpan<TensorUpdate> updates)
    {
        EnterStep();
        try
        {
            CpuExecutor<TRule> executor = RequireCpu();
            Validate(updates);
            return executor.Measure(updates, _gradientScale);
        }
        finally
        {
            LeaveStep();
        }
    }

    private void StepOnCpu(CpuExecutor<TRule> executor, ReadOnlySpan<TensorUpdate> updates)
    {
        float scale = _gradientScale;
        if (Options.MeasuresGradients)
        {
            GradientMeasure measure = executor.Measure(updates, scale);
            bool taken = measure.Allows(Options.NonFinite);
            GradientNorm = measure.Norm;
            if (!taken)
            {
                LastStepSkipped = true;
                SkippedSteps++;
                CountSkipped(0);
                return;
            }

            scale = measure.ClippingScale(scale, Options.MaxGradientNorm);
        }

        CountSkipped(executor.Step(_rule, updates, scale));
        LastStepSkipped = false;
    }
}
