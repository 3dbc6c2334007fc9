using Requant.Cuda;
using Requant.Ilgpu;

namespace Requant;

/// <content>Steps on devices of CUDA.</content>
public sealed partial class Optimizer<TRule>
{
    private readonly CudaKernelDevice? _cuda;

    /// <summary>The executor of a device, or null on the processor.</summary>
    internal DeviceExecutor<TRule>? DeviceExecutor => _device;

    /// <summary>Updates many tensors in the memory of a device of CUDA, on a stream: one launch for all that share a kernel.
    /// Returns before the work is done, and does not wait for the device. Work on that stream before it is seen, and work after
    /// it sees the new parameters.</summary>
    /// <param name="stream">The driver's handle of a stream in the device's primary context; 0 for the default stream.</param>
    /// <param name="updates">Each state at most once; addresses are of the device's memory. All are validated before anything
    /// is written.</param>
    /// <exception cref="ArgumentException">An address is 0, an element type is not defined, a state is another optimizer's
    /// or occurs twice.</exception>
    /// <exception cref="ArgumentNullException">A state is null.</exception>
    /// <exception cref="CudaException">A call of the driver fails: the message says which, and what to do.</exception>
    /// <exception cref="InvalidOperationException">The optimizer's device is none of CUDA, or a step is under way.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void Step(nint stream, params ReadOnlySpan<TensorUpdate> updates)
    {
        EnterStep();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_cuda is null)
            {
                throw new InvalidOperationException(
                    $"This optimizer runs on {Options.Device}, which has no streams; leave the stream out, or make it with "
                    + "Device = Device.Cuda().");
            }

            Validate(updates);
            StepOnCuda(_cuda, stream, updates);
        }
        finally
        {
            LeaveStep();
        }
    }

    private void StepOnCuda(CudaKernelDevice cuda, nint stream, ReadOnlySpan<TensorUpdate> updates)
    {
        Span<DeviceUpdate> onDevice = DeviceUpdates(updates.Length);
        for (int i = 0; i < updates.Length; i++)
        {
            TensorUpdate update = updates[i];
            onDevice[i] = new DeviceUpdate(
                update.State, update.Parameter, update.Gradient, update.ParameterType, update.GradientType);
        }

        cuda.UseStream(stream);
        _device!.Step(_rule, onDevice);
    }
}
