using Requant.Devices;

namespace Requant;

/// <content>Steps on devices of CUDA.</content>
public sealed partial class Optimizer<TRule>
{
    private readonly CudaKernelDevice? _cuda;

    /// <summary>The executor of a device, or null on the processor.</summary>
    internal DeviceExecutor<TRule>? DeviceExecutor => _device;

    /// <summary>Updates many tensors in the memory of a device of CUDA, on a stream: one launch for all that share a kernel.
    /// Returns before the work is done, and does not wait for the device, unless gradients are measured
    /// (<see cref="OptimizerOptions.MaxGradientNorm"/>, <see cref="NonFinitePolicy.SkipStep"/>, <see cref="NonFinitePolicy.Throw"/>): such a
    /// step waits once for the work of the stream before it launches its own. Work on that stream before it is seen, and work after
    /// it sees the new parameters.</summary>
    /// <param name="stream">The driver's handle of a stream in the device's primary context; 0 for the default stream.</param>
    /// <param name="updates">Each state at most once; addresses are of the device's memory. All are validated before anything
    /// is written.</param>
    /// <exception cref="NotFiniteNumberException">What the rule computes of its hyperparameters for every element is NaN or infinite, or a
    /// gradient is and the policy is <see cref="NonFinitePolicy.Throw"/>; nothing was changed.</exception>
    /// <exception cref="ArgumentException">An address is 0, an element type is not defined, a state is another optimizer's
    /// or occurs twice.</exception>
    /// <exception cref="ArgumentNullException">A state is null.</exception>
    /// <exception cref="CudaException">A call of the driver fails: the message says which, and what to do.</exception>
    /// <exception cref="InvalidOperationException">The optimizer's device is none of CUDA, or a step is under way.</exception>
    /// <exception cref="NotSupportedException">A parameter is float16, and <see cref="OptimizerOptions.Rounding"/> is
    /// <see cref="ParameterRounding.Stochastic"/>.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void Step(nint stream, params ReadOnlySpan<TensorUpdate> updates)
    {
        EnterStep();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            CudaKernelDevice cuda = RequireStreams();
            Validate(updates);
            StepOnCuda(cuda, stream, updates);
        }
        finally
        {
            LeaveStep();
        }
    }

    /// <summary>Prepares one launch of a graph into which a step of this optimizer was captured, the last one if there were several:
    /// writes the step's number, the rule's hyperparameters and <see cref="GradientScale"/> to the device, and counts the step. To be followed by the launch, on
    /// the same stream; does not wait.</summary>
    /// <remarks>
    /// <code>
    /// optimizer.Step(stream, updates);             // once, outside of the capture
    /// // begin the capture of stream
    /// optimizer.Step(stream, updates);             // recorded, not run
    /// // end the capture, make a graph of it
    /// optimizer.PrepareReplay(stream);
    /// // launch the graph on stream
    /// </code>
    /// </remarks>
    /// <param name="stream">The driver's handle of the stream that the graph will be launched on.</param>
    /// <exception cref="CudaException">A call of the driver fails.</exception>
    /// <exception cref="InvalidOperationException">No step was captured, the step needs another kernel than the captured one, or a
    /// step is under way.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void PrepareReplay(nint stream)
    {
        EnterStep();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_cuda is null)
            {
                throw new InvalidOperationException($"This optimizer runs on {Options.Device}, where there are no graphs.");
            }

            _cuda.UseStream(stream);
            _device!.PrepareReplay(_rule, _gradientScale);
        }
        finally
        {
            LeaveStep();
        }
    }

    /// <summary>Measures the gradients of a step that is to come, after <see cref="GradientScale"/>, in the memory of a device of CUDA on a
    /// stream; changes nothing. Waits for the work of that stream.</summary>
    /// <param name="stream">As for <see cref="Step(nint, ReadOnlySpan{TensorUpdate})"/>.</param>
    /// <param name="updates">As for <see cref="Step(nint, ReadOnlySpan{TensorUpdate})"/>; parameters are not looked at.</param>
    /// <exception cref="ArgumentException">As for <see cref="Step(nint, ReadOnlySpan{TensorUpdate})"/>.</exception>
    /// <exception cref="ArgumentNullException">A state is null.</exception>
    /// <exception cref="CudaException">A call of the driver fails.</exception>
    /// <exception cref="InvalidOperationException">The optimizer's device is none of CUDA, the stream is being captured, or a step is under
    /// way.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public GradientMeasure MeasureGradients(nint stream, params ReadOnlySpan<TensorUpdate> updates)
    {
        EnterStep();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            CudaKernelDevice cuda = RequireStreams();
            Validate(updates);
            return MeasureOnCuda(cuda, stream, updates);
        }
        finally
        {
            LeaveStep();
        }
    }

    private CudaKernelDevice RequireStreams() => _cuda ?? throw new InvalidOperationException(
        $"This optimizer runs on {Options.Device}, which has no streams; leave the stream out, or make it with "
        + "Device = Device.Cuda().");

    private GradientMeasure MeasureOnCuda(CudaKernelDevice cuda, nint stream, ReadOnlySpan<TensorUpdate> updates)
    {
        if (cuda.IsCapturing(stream))
        {
            throw new InvalidOperationException(
                "The stream is being captured, and a measure is read back to the host, which no graph does: measure gradients before the "
                + "capture or after it.");
        }

        cuda.UseStream(stream);
        return _device!.Measure(_rule, OnDevice(updates), _gradientScale);
    }

    private void StepOnCuda(CudaKernelDevice cuda, nint stream, ReadOnlySpan<TensorUpdate> updates)
    {
        int count = updates.Length;
        Span<DeviceUpdate> onDevice = OnDevice(updates);
        if (!cuda.IsCapturing(stream))
        {
            cuda.UseStream(stream);
            StepOnDevice(_device!, onDevice);
            return;
        }

        RequireCapturable();
        cuda.CaptureOn(stream, () => _device!.Capture(_rule, _deviceUpdates.AsSpan(0, count), _gradientScale));
    }

    private Span<DeviceUpdate> OnDevice(ReadOnlySpan<TensorUpdate> updates)
    {
        Span<DeviceUpdate> onDevice = DeviceUpdates(updates.Length);
        for (int i = 0; i < updates.Length; i++)
        {
            TensorUpdate update = updates[i];
            onDevice[i] = new DeviceUpdate(
                update.State, update.Parameter, update.Gradient, update.ParameterType, update.GradientType);
        }

        return onDevice;
    }

    private void RequireCapturable()
    {
        if (!Options.Capturable)
        {
            throw new InvalidOperationException(
                "The stream is being captured, and a graph would repeat this one step: make the optimizer with Capturable = true, and call "
                + $"{nameof(PrepareReplay)} before each launch of the graph.");
        }

        if (_device!.NeedsHost)
        {
            throw new NotSupportedException(
                $"Steps of rule {TRule.Info.Name} cannot be captured: it has tensor states, or the host computes what becomes known between "
                + "its phases, so that the host has a part in every step.");
        }
    }
}
