namespace Requant;

/// <content>Scaled gradients, steps that look at all gradients before they change anything, and
/// random rounding.</content>
public sealed partial class Optimizer<TRule>
{
    /// <summary>A factor for every gradient, applied inside the kernels: the inverse of the loss scale, if there is
    /// one; 1 by default. A negative one ascends. The gradients in memory stay as they are, and the step
    /// has the bits of one with gradients that were multiplied beforehand in float32, in all
    /// phases of a rule.</summary>
    /// <remarks>
    /// <code>
    /// optimizer.GradientScale = 1f / lossScale;
    /// optimizer.Step(w, weights, gradients);         // gradients of loss * lossScale
    /// </code>
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">Set to a number that is not finite.</exception>
    public float GradientScale
    {
        get => _core.GradientScale;
        set => _core.GradientScale = float.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(
            nameof(value), value, $"{nameof(GradientScale)} is a finite number.");
    }

    /// <summary>What the next steps do when an element of a gradient is NaN or infinite; initially what the options
    /// say.</summary>
    /// <exception cref="ArgumentException">Steps are <see cref="OptimizerOptions.Capturable"/>, and the policy looks at
    /// all gradients before the step.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Set to no policy.</exception>
    public NonFinitePolicy NonFinite
    {
        get => _core.NonFinite;
        set
        {
            (Options with { NonFinite = value }).Validate();
            _core.NonFinite = value;
        }
    }

    /// <summary>The Euclidean norm of the last step's gradients, over all its tensors, after
    /// <see cref="GradientScale"/> and before clipping; elements that are not finite are left out. A step that was
    /// skipped or refused has one too. Null where no step measured it: steps do with
    /// <see cref="OptimizerOptions.MaxGradientNorm"/>, <see cref="NonFinitePolicy.SkipStep"/> or
    /// <see cref="NonFinitePolicy.Throw"/>.</summary>
    public double? GradientNorm => _core.GradientNorm;

    /// <summary>Steps that <see cref="NonFinitePolicy.SkipStep"/> skipped; their elements are not in
    /// <see cref="SkippedElements"/>.</summary>
    public long SkippedSteps => _core.SkippedSteps;

    /// <summary>Whether the last step was skipped by <see cref="NonFinitePolicy.SkipStep"/>; not one that was refused
    /// by <see cref="NonFinitePolicy.Throw"/>.</summary>
    public bool LastStepSkipped => _core.LastStepSkipped;

    /// <summary>Called when a step has been checked and will be taken, before anything is written; what it throws
    /// cancels the step. For libraries that keep track of changes to their tensors.</summary>
    public Action? Updating
    {
        get => _core.Updating;
        set => _core.Updating = value;
    }

    /// <summary>Seed of the random bits of the next steps, where parameters or states are rounded stochastically: that
    /// of the options, then that of the checkpoint that was loaded last. Element i of a parameter or state takes the
    /// same bits in the same step of an optimizer with the same seed, whatever else differs.</summary>
    public ulong RoundingSeed
    {
        get => _core.RoundingSeed;
        set => _core.RoundingSeed = value;
    }

    /// <summary>The seed, or null where nothing is rounded stochastically.</summary>
    internal ulong? SeedInUse => Options.RoundsStochastically(RuleInfo.Of<TRule>()) ? RoundingSeed : null;

    /// <summary>Measures the gradients of a future step, after <see cref="GradientScale"/>, in one pass;
    /// changes nothing. Waits for the device. The bits of the result are the same on all devices, whatever the threads
    /// and vector widths.</summary>
    /// <param name="updates">As for <see cref="Step(ReadOnlySpan{TensorUpdate})"/>; parameters are
    /// not looked at.</param>
    /// <exception cref="ArgumentException">As for <see cref="Step(ReadOnlySpan{TensorUpdate})"/>.</exception>
    /// <exception cref="ArgumentNullException">A state is null.</exception>
    /// <exception cref="CudaException">A call of the driver fails.</exception>
    /// <exception cref="InvalidOperationException">A step is under way.</exception>
    /// <exception cref="NotFiniteNumberException">What the rule computes of its hyperparameters
    /// is not finite.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public GradientMeasure MeasureGradients(params ReadOnlySpan<TensorUpdate> updates) =>
        MeasureGradients(stream: 0, updates);

    /// <summary>Measures gradients on a stream of a CUDA device; waits for the work of that stream.</summary>
    /// <param name="stream">As for <see cref="Step(nint, ReadOnlySpan{TensorUpdate})"/>.</param>
    /// <param name="updates">As for <see cref="Step(ReadOnlySpan{TensorUpdate})"/>; parameters are
    /// not looked at.</param>
    /// <exception cref="ArgumentException">As for <see cref="Step(ReadOnlySpan{TensorUpdate})"/>.</exception>
    /// <exception cref="ArgumentNullException">A state is null.</exception>
    /// <exception cref="CudaException">A call of the driver fails.</exception>
    /// <exception cref="InvalidOperationException">The stream is being captured, or a step is under way.</exception>
    /// <exception cref="NotFiniteNumberException">What the rule computes of its hyperparameters
    /// is not finite.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public GradientMeasure MeasureGradients(nint stream, params ReadOnlySpan<TensorUpdate> updates)
    {
        _core.Enter();
        try
        {
            return _core.Measure(updates, stream);
        }
        finally
        {
            _core.Leave();
        }
    }
}
