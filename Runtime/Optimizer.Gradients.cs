using Requant.Cpu;
using Requant.Devices;

namespace Requant;

/// <content>Scaled gradients, and steps that look at all gradients before they change anything.</content>
public sealed partial class Optimizer<TRule>
{
    private float _gradientScale = 1f;

    /// <summary>What a step multiplies every gradient by, inside its kernels: the inverse of the loss scale where training has
    /// one; 1 by default. A negative one ascends. The gradients in memory stay as they are, and the step has the bits of one with gradients that were
    /// multiplied beforehand in float32, in all phases of a rule.</summary>
    /// <remarks>
    /// <code>
    /// optimizer.GradientScale = 1f / lossScale;
    /// optimizer.Step(w, weights, gradients);         // gradients of loss * lossScale
    /// </code>
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">Set to a number that is not finite.</exception>
    public float GradientScale
    {
        get => _gradientScale;
        set
        {
            if (!float.IsFinite(value))
            {
                throw new ArgumentOutOfRangeException(nameof(value), value, $"{nameof(GradientScale)} is a finite number.");
            }

            _gradientScale = value;
        }
    }

    /// <summary>The Euclidean norm of the last step's gradients, over all its tensors, after <see cref="GradientScale"/> and before
    /// clipping; elements that are not finite are left out. A step that was skipped or refused has one too. Null where no step measured it: steps do with
    /// <see cref="OptimizerOptions.MaxGradientNorm"/>, <see cref="NonFinitePolicy.SkipStep"/> or
    /// <see cref="NonFinitePolicy.Throw"/>.</summary>
    public double? GradientNorm { get; private set; }

    /// <summary>Steps that <see cref="NonFinitePolicy.SkipStep"/> skipped; their elements are not in
    /// <see cref="SkippedElements"/>.</summary>
    public long SkippedSteps { get; private set; }

    /// <summary>Whether the last step was skipped by <see cref="NonFinitePolicy.SkipStep"/>; not one that was refused by
    /// <see cref="NonFinitePolicy.Throw"/>.</summary>
    public bool LastStepSkipped { get; private set; }

    /// <summary>Measures the gradients of a step that is to come, after <see cref="GradientScale"/>, in one pass over all threads, or in
    /// the memory of a device of CUDA on its default stream; changes nothing. Waits for the device. The bits of the result are the same on
    /// all devices, whatever the threads and vector widths.</summary>
    /// <param name="updates">As for <see cref="Step(ReadOnlySpan{TensorUpdate})"/>; parameters are not looked at.</param>
    /// <exception cref="ArgumentException">As for <see cref="Step(ReadOnlySpan{TensorUpdate})"/>.</exception>
    /// <exception cref="ArgumentNullException">A state is null.</exception>
    /// <exception cref="CudaException">A call of the driver fails.</exception>
    /// <exception cref="InvalidOperationException">The optimizer's device is an ILGPU accelerator, the stream is being captured, or a step
    /// is under way.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public GradientMeasure MeasureGradients(params ReadOnlySpan<TensorUpdate> updates)
    {
        EnterStep();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_cuda is not null)
            {
                Validate(updates);
                return MeasureOnCuda(_cuda, stream: 0, updates);
            }

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
        if (Options.MeasuresGradients && !IsTaken(executor.Measure(updates, scale), ref scale))
        {
            CountSkipped(0);
            return;
        }

        CountSkipped(executor.Step(_rule, updates, scale));
    }

    private void StepOnDevice(DeviceExecutor<TRule> executor, ReadOnlySpan<DeviceUpdate> updates)
    {
        float scale = _gradientScale;
        if (!Options.MeasuresGradients || IsTaken(executor.Measure(_rule, updates, scale), ref scale))
        {
            executor.Step(_rule, updates, scale);
        }
    }

    /// <summary>Keeps what was measured and decides on the step.</summary>
    /// <param name="measure">Of its gradients.</param>
    /// <param name="scale">What they are multiplied by; then clipped, too.</param>
    /// <exception cref="NotFiniteNumberException">The policy is to throw, and elements are not finite.</exception>
    private bool IsTaken(in GradientMeasure measure, ref float scale)
    {
        // A step that is refused was measured as others are.
        GradientNorm = measure.Norm;
        LastStepSkipped = !measure.Allows(Options.NonFinite);
        SkippedSteps += LastStepSkipped ? 1 : 0;
        scale = measure.ClippingScale(scale, Options.MaxGradientNorm);
        return !LastStepSkipped;
    }
}
