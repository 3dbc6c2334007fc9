using ILGPU.Runtime;
using ILGPU;
using Requant.Devices;
using Requant.Numerics;

namespace Requant;

public sealed partial class Optimizer<TRule>
{
    private readonly DeviceExecutor<TRule>? _device;
    private readonly AcceleratorDevice? _accelerator;
    private DeviceUpdate[] _deviceUpdates = [];

    /// <summary>Updates one tensor on the ILGPU accelerator of <see cref="OptimizerOptions.Device"/>, on its default
    /// stream; returns when it is done.</summary>
    /// <param name="state">From <see cref="Add"/>.</param>
    /// <param name="parameter">float32[<see cref="ParameterState.Length"/>] on the accelerator, updated in
    /// place.</param>
    /// <param name="gradient">float32[<see cref="ParameterState.Length"/>] on the accelerator.</param>
    /// <exception cref="NotFiniteNumberException">What the rule computes of its hyperparameters for every element is NaN or infinite, or a
    /// gradient is and the policy is <see cref="NonFinitePolicy.Throw"/>; nothing was changed.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="state"/> is null.</exception>
    /// <exception cref="ArgumentException">A length differs from the state's, a view is another accelerator's, or the
    /// state is another optimizer's.</exception>
    /// <exception cref="InvalidOperationException">The optimizer's device is the processor, or a step is under
    /// way.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void Step(ParameterState state, ArrayView<float> parameter, ArrayView<float> gradient) =>
        Step<float, float>(state, parameter, gradient);

    /// <summary>Updates one tensor on the ILGPU accelerator of <see cref="OptimizerOptions.Device"/> whose parameter, gradient
    /// or both have 16 bits an element. Arithmetic is float32; a new parameter is rounded as <see cref="OptimizerOptions.Rounding"/>
    /// says.</summary>
    /// <param name="state">From <see cref="Add"/>.</param>
    /// <param name="parameter">float32, float16 or bfloat16[<see cref="ParameterState.Length"/>] on the accelerator, updated
    /// in place.</param>
    /// <param name="gradient">float32, float16 or bfloat16[<see cref="ParameterState.Length"/>] on the accelerator.</param>
    /// <typeparam name="TParameter"><see cref="float"/>, <see cref="System.Half"/>, <see cref="ILGPU.Half"/> or
    /// <see cref="BFloat16"/>.</typeparam>
    /// <typeparam name="TGradient">Any of the same types; need not be the parameter's.</typeparam>
    /// <exception cref="NotFiniteNumberException">What the rule computes of its hyperparameters for every element is NaN or infinite, or a
    /// gradient is and the policy is <see cref="NonFinitePolicy.Throw"/>; nothing was changed.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="state"/> is null.</exception>
    /// <exception cref="ArgumentException">An element type is none of these, a length differs from the state's, a view is
    /// another accelerator's, or the state is another optimizer's.</exception>
    /// <exception cref="InvalidOperationException">The optimizer's device is the processor, or a step is under
    /// way.</exception>
    /// <exception cref="NotSupportedException">A parameter is float16, and <see cref="OptimizerOptions.Rounding"/> is
    /// <see cref="ParameterRounding.Stochastic"/>.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void Step<TParameter, TGradient>(
        ParameterState state, ArrayView<TParameter> parameter, ArrayView<TGradient> gradient)
        where TParameter : unmanaged
        where TGradient : unmanaged
    {
        var update = IlgpuTensorUpdate.Create(state, parameter, gradient);
        Step(new ReadOnlySpan<IlgpuTensorUpdate>(in update));
    }

    /// <summary>Updates many tensors on the ILGPU accelerator, one launch for all that share a kernel, on its default stream;
    /// returns when all are done.</summary>
    /// <param name="updates">Each state at most once. All are validated before anything is written.</param>
    /// <exception cref="NotFiniteNumberException">What the rule computes of its hyperparameters for every element is NaN or infinite, or a
    /// gradient is and the policy is <see cref="NonFinitePolicy.Throw"/>; nothing was changed.</exception>
    /// <exception cref="ArgumentNullException">The state of an update is null.</exception>
    /// <exception cref="ArgumentException">A length differs from the state's, a view is another accelerator's, or a
    /// state is another optimizer's or occurs twice.</exception>
    /// <exception cref="InvalidOperationException">The optimizer's device is the processor, or a step is under
    /// way.</exception>
    /// <exception cref="NotSupportedException">A parameter is float16, and <see cref="OptimizerOptions.Rounding"/> is
    /// <see cref="ParameterRounding.Stochastic"/>.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void Step(params ReadOnlySpan<IlgpuTensorUpdate> updates)
    {
        EnterStep();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            AcceleratorDevice accelerator = RequireAccelerator();
            StepOnDevice(_device!, OnAccelerator(accelerator, updates));
            accelerator.Synchronize();
        }
        finally
        {
            LeaveStep();
        }
    }

    /// <summary>Measures the gradients of a step that is to come, after <see cref="GradientScale"/>, on the ILGPU accelerator of
    /// <see cref="OptimizerOptions.Device"/>, on its default stream; changes nothing.</summary>
    /// <param name="updates">As for <see cref="Step(ReadOnlySpan{IlgpuTensorUpdate})"/>; parameters are not looked at.</param>
    /// <exception cref="ArgumentNullException">The state of an update is null.</exception>
    /// <exception cref="ArgumentException">As for <see cref="Step(ReadOnlySpan{IlgpuTensorUpdate})"/>.</exception>
    /// <exception cref="InvalidOperationException">The optimizer's device is no accelerator, or a step is under way.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public GradientMeasure MeasureGradients(params ReadOnlySpan<IlgpuTensorUpdate> updates)
    {
        EnterStep();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _device!.Measure(_rule, OnAccelerator(RequireAccelerator(), updates), _gradientScale);
        }
        finally
        {
            LeaveStep();
        }
    }

    private AcceleratorDevice RequireAccelerator() => _accelerator ?? throw new InvalidOperationException(
        $"This optimizer runs on {Options.Device}; pass spans, or make it with Device = Device.Ilgpu(accelerator).");

    private Span<DeviceUpdate> OnAccelerator(AcceleratorDevice accelerator, ReadOnlySpan<IlgpuTensorUpdate> updates)
    {
        _batch++;
        Span<DeviceUpdate> onDevice = DeviceUpdates(updates.Length);
        for (int i = 0; i < updates.Length; i++)
        {
            IlgpuTensorUpdate update = updates[i];
            ValidateState(update.State, "state");
            ValidateOnce(update.State, nameof(updates));
            RequireView(update.State, update.Parameter, update.ParameterType, "parameter");
            RequireView(update.State, update.Gradient, update.GradientType, "gradient");
            RequireRounding(update.State, update.ParameterType);
            onDevice[i] = new DeviceUpdate(
                update.State, accelerator.PositionOf(update.Parameter), accelerator.PositionOf(update.Gradient),
                update.ParameterType, update.GradientType);
        }

        return onDevice;
    }

    private Span<DeviceUpdate> DeviceUpdates(int count)
    {
        if (_deviceUpdates.Length < count)
        {
            _deviceUpdates = new DeviceUpdate[count];
        }

        return _deviceUpdates.AsSpan(0, count);
    }

    private void RequireView(ParameterState state, ArrayView<byte> bytes, ElementType type, string argument)
    {
        RequireLength(state, bytes.Length / type.Size(), argument);
        if (state.Length > 0 && bytes.GetAccelerator() != Options.Device.Accelerator)
        {
            throw new ArgumentException(
                $"The {argument} of '{state.Name}' is on accelerator '{bytes.GetAccelerator().Name}', and the " +
                $"optimizer on {Options.Device}; use one accelerator for both.",
                argument);
        }
    }
}
