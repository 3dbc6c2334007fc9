using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using ILGPU;
using Requant.Devices;
using Requant.Numerics;
using Requant.Offload;
using Requant.Steps;

namespace Requant;

/// <summary>Runs one rule over many tensors and keeps their states.</summary>
/// <remarks>
/// <code>
/// using var adam = new Optimizer&lt;Adam&gt;(new Adam { Lr = 1e-3f });
/// ParameterState w = adam.Add("w", weights.Length);
/// adam.Step(w, weights, gradients);
/// adam.Rule = adam.Rule with { Lr = 5e-4f };
/// ReadOnlySpan&lt;byte&gt; codes = w.States["m"].Codes;
/// </code>
/// Not for use by several threads at a time: a step that begins while another runs throws. States are in native memory.
/// <see cref="Dispose"/> frees it, or the garbage collector some time after the last use of the optimizer and its
/// states; so keep the optimizer alive, with <c>using</c>, while you use spans of its states.
/// </remarks>
/// <typeparam name="TRule">The record that the generator made of the rule.</typeparam>
public sealed partial class Optimizer<TRule> : IDisposable
    where TRule : IOptimizerRule<TRule>
{
    private readonly IStepExecutor<TRule> _executor;
    private readonly StepCore<TRule> _core;

    /// <summary>Makes an optimizer without parameters, and with one group for them.</summary>
    /// <param name="rule">The rule with its hyperparameters.</param>
    /// <param name="options">Defaults when null.</param>
    /// <exception cref="ArgumentException">An option has a value that it cannot have; the
    /// message names both.</exception>
    /// <exception cref="PlatformNotSupportedException">The machine lacks the vector width asked for.</exception>
    public Optimizer(TRule rule, OptimizerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(rule);
        options ??= new OptimizerOptions();
        options.Validate();
        Options = options with { KeepFloat32 = [.. options.KeepFloat32] };
        int blockSize = options.BlockSize ?? RuleInfo.Of<TRule>().BlockSize;
        BlockSizes.Validate(blockSize, nameof(rule));
        _executor = options.Device.CreateExecutor<TRule>(blockSize, options);
        _core = new StepCore<TRule>(
            options.ToSettings(blockSize), _executor, new HashSet<string>(options.KeepFloat32, StringComparer.Ordinal))
        {
            NonFinite = options.NonFinite,
            RoundingSeed = options.RoundingSeed,
        };
        _core.AddGroup(rule);
    }

    /// <summary>The first group's rule and hyperparameters; set it for schedules: <c>Rule = Rule with { Lr = 5e-4f
    /// }</c>. States that the new hyperparameters bring into use get their memory here and start at 0.</summary>
    /// <exception cref="ArgumentNullException">Set to null.</exception>
    public TRule Rule
    {
        get => Groups[0].Rule;
        set => Groups[0].Rule = value;
    }

    /// <summary>The parameter groups: the one that the optimizer was made with, then what
    /// <see cref="AddGroup"/> returned.</summary>
    public IReadOnlyList<ParameterGroup<TRule>> Groups => _core.Groups;

    /// <summary>The options it was made with.</summary>
    public OptimizerOptions Options { get; }

    /// <summary>What <see cref="Add(string, long, IStateAllocator?)"/> returned, in that order,
    /// whatever the groups.</summary>
    public IReadOnlyList<ParameterState> Parameters => _core.Parameters;

    /// <summary>Elements skipped in all steps because their gradient was NaN or infinite, or a state would have become
    /// so. On a device this waits for the steps so far.</summary>
    public long SkippedElements => _core.Skipped.All;

    /// <summary>Elements skipped in the last step because their gradient was NaN or infinite, or a state would have
    /// become so. On a device this waits for the steps so far.</summary>
    public long LastStepSkippedElements => _core.Skipped.Last;

    /// <summary>Adds a group of parameters with hyperparameters of their own.</summary>
    /// <param name="rule">The rule with the group's hyperparameters.</param>
    /// <exception cref="ArgumentNullException"><paramref name="rule"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public ParameterGroup<TRule> AddGroup(TRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        _core.RequireAlive();
        return _core.AddGroup(rule);
    }

    /// <summary>Removes a group: its parameters are no longer the optimizer's, and their states are freed.</summary>
    /// <param name="group">What <see cref="AddGroup"/> returned.</param>
    /// <exception cref="ArgumentException">It is the first group, or not one of <see cref="Groups"/>.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="group"/> is null.</exception>
    /// <exception cref="InvalidOperationException">A step is under way.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void RemoveGroup(ParameterGroup<TRule> group)
    {
        ArgumentNullException.ThrowIfNull(group);
        _core.Exclusively(() => _core.RemoveGroup(group));
    }

    /// <summary>Adds a parameter tensor to the first group; see
    /// <see cref="Add(string, long, ParameterGroup{TRule}, IStateAllocator?, bool)"/>.</summary>
    /// <param name="name">A name that no other parameter of this optimizer has.</param>
    /// <param name="length">Elements; 0 or more.</param>
    /// <param name="allocator">Supplies the states' memory, on the optimizer's device; the optimizer's
    /// own when null.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is in use.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public ParameterState Add(string name, long length, IStateAllocator? allocator = null) =>
        Add(name, length, Groups[0], allocator);

    /// <summary>Adds a parameter tensor with its shape to the first group, for rules that see rows and
    /// columns.</summary>
    /// <param name="name">A name that no other parameter of this optimizer has.</param>
    /// <param name="shape">Its dimensions, each 0 or more; none of a scalar. A parameter with two or more is a matrix
    /// of its first dimension by all others together.</param>
    /// <param name="allocator">Supplies the states' memory, on the optimizer's device; the optimizer's
    /// own when null.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is in use.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A dimension is negative, or there are too many
    /// elements.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public ParameterState Add(string name, ReadOnlySpan<long> shape, IStateAllocator? allocator = null) =>
        Add(name, shape, Groups[0], allocator);

    /// <summary>Adds a parameter tensor with its shape to a group; see
    /// <see cref="Add(string, long, ParameterGroup{TRule}, IStateAllocator?, bool)"/>.</summary>
    /// <param name="name">A name that no other parameter of this optimizer has.</param>
    /// <param name="shape">As for <see cref="Add(string, ReadOnlySpan{long}, IStateAllocator?)"/>.</param>
    /// <param name="group">One of <see cref="Groups"/>.</param>
    /// <param name="allocator">Supplies the states' memory, on the optimizer's device; the optimizer's
    /// own when null.</param>
    /// <param name="keepFloat32">Whether its states stay in float32, whatever its length.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is in use, or the group is another
    /// optimizer's.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A dimension is negative, or there are too many
    /// elements.</exception>
    /// <exception cref="ArgumentNullException">The name or the group is null.</exception>
    /// <exception cref="NotSupportedException">An allocator is given for an ILGPU accelerator.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public ParameterState Add(
        string name, ReadOnlySpan<long> shape, ParameterGroup<TRule> group, IStateAllocator? allocator = null,
        bool keepFloat32 = false)
    {
        foreach (long dimension in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(dimension, nameof(shape));
        }

        long length;
        try
        {
            length = ParameterState.Product(shape);

            // Where the first dimension is 0, this alone may be too many.
            _ = shape.IsEmpty ? 1 : ParameterState.Product(shape[1..]);
        }
        catch (OverflowException)
        {
            throw new ArgumentOutOfRangeException(
                nameof(shape), string.Join(" x ", shape.ToArray()),
                $"The elements of '{name}', or those of a row of it, are more than {long.MaxValue}.");
        }

        return Add(name, length, shape.ToArray(), group, allocator, keepFloat32);
    }

    /// <summary>Adds a parameter tensor to a group and allocates its states, which start at 0. A state that the rule
    /// does not use with the group's hyperparameters gets no memory.</summary>
    /// <param name="name">A name that no other parameter of this optimizer has.</param>
    /// <param name="length">Elements; 0 or more.</param>
    /// <param name="group">One of <see cref="Groups"/>.</param>
    /// <param name="allocator">Supplies the states' memory, on the optimizer's device; the optimizer's
    /// own when null.</param>
    /// <param name="keepFloat32">Whether its states stay in float32, whatever its length.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is in use, or the group is another
    /// optimizer's.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative.</exception>
    /// <exception cref="ArgumentNullException">The name or the group is null.</exception>
    /// <exception cref="NotSupportedException">An allocator is given for an ILGPU accelerator.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public ParameterState Add(
        string name, long length, ParameterGroup<TRule> group, IStateAllocator? allocator = null,
        bool keepFloat32 = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return Add(name, length, shape: null, group, allocator, keepFloat32);
    }

    private ParameterState Add(
        string name, long length, long[]? shape, ParameterGroup<TRule> group, IStateAllocator? allocator,
        bool keepFloat32)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(group);
        ParameterState state = _core.Add(name, length, shape, group, allocator, keepFloat32);
        state.Accelerator = Options.Device.Accelerator;
        return state;
    }

    /// <summary>Updates one tensor in host memory, which is copied to another device and back.</summary>
    /// <param name="state">From <see cref="Add(string, long, IStateAllocator?)"/>.</param>
    /// <param name="parameter">float32[<see cref="ParameterState.Length"/>], updated in place.</param>
    /// <param name="gradient">float32[<see cref="ParameterState.Length"/>].</param>
    /// <exception cref="NotFiniteNumberException">What the rule computes of its hyperparameters for every element is
    /// NaN or infinite, or a gradient is and the policy is <see cref="NonFinitePolicy.Throw"/>; nothing
    /// was changed.</exception>
    /// <exception cref="ArgumentException">A length differs from the state's, or the state is another
    /// optimizer's.</exception>
    /// <exception cref="ArgumentNullException">A state is null.</exception>
    /// <exception cref="InvalidOperationException">A step is under way.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void Step(ParameterState state, Span<float> parameter, ReadOnlySpan<float> gradient) =>
        Step<float, float>(state, parameter, gradient);

    /// <summary>Updates one tensor in host memory whose parameter, gradient or both have 16 bits an element; it is
    /// copied to another device and back. Arithmetic is float32; a new parameter is rounded as
    /// <see cref="OptimizerOptions.Rounding"/> says.</summary>
    /// <param name="state">From <see cref="Add(string, long, IStateAllocator?)"/>.</param>
    /// <param name="parameter">float32, float16 or bfloat16[<see cref="ParameterState.Length"/>],
    /// updated in place.</param>
    /// <param name="gradient">float32, float16 or bfloat16[<see cref="ParameterState.Length"/>].</param>
    /// <typeparam name="TParameter"><see cref="float"/>, <see cref="System.Half"/> or
    /// <see cref="BFloat16"/>.</typeparam>
    /// <typeparam name="TGradient">Any of the same types; need not be the parameter's.</typeparam>
    /// <exception cref="NotFiniteNumberException">What the rule computes of its hyperparameters for every element is
    /// NaN or infinite, or a gradient is and the policy is <see cref="NonFinitePolicy.Throw"/>; nothing
    /// was changed.</exception>
    /// <exception cref="ArgumentException">An element type is none of the three, a length differs from the state's, or
    /// the state is another optimizer's.</exception>
    /// <exception cref="ArgumentNullException">A state is null.</exception>
    /// <exception cref="InvalidOperationException">A step is under way.</exception>
    /// <exception cref="NotSupportedException">A parameter is float16, and <see cref="OptimizerOptions.Rounding"/> is
    /// <see cref="ParameterRounding.Stochastic"/>.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public unsafe void Step<TParameter, TGradient>(
        ParameterState state, Span<TParameter> parameter, ReadOnlySpan<TGradient> gradient)
        where TParameter : unmanaged
        where TGradient : unmanaged
    {
        _core.Enter();
        try
        {
            ArgumentNullException.ThrowIfNull(state);
            ElementType parameterType = ElementTypes.Of<TParameter>(nameof(parameter));
            ElementType gradientType = ElementTypes.Of<TGradient>(nameof(gradient));
            state.RequireLength(parameter.Length, nameof(parameter));
            state.RequireLength(gradient.Length, nameof(gradient));
            if (_executor is IDeviceExecutor<TRule> device)
            {
                nint onDevice = device.Upload(0, MemoryMarshal.AsBytes(parameter), stream: 0);
                nint gradientOnDevice = device.Upload(1, MemoryMarshal.AsBytes(gradient), stream: 0);
                Step(new TensorUpdate(state, onDevice, gradientOnDevice, parameterType, gradientType));
                device.Download(0, MemoryMarshal.AsBytes(parameter));
                return;
            }

            if (_executor is OffloadExecutor<TRule> host)
            {
                host.TakesHostMemory = true;
            }

            fixed (TParameter* parameterPointer = parameter)
            fixed (TGradient* gradientPointer = gradient)
            {
                Step(new TensorUpdate(
                    state, (nint)parameterPointer, (nint)gradientPointer, parameterType, gradientType));
            }
        }
        finally
        {
            if (_executor is OffloadExecutor<TRule> host)
            {
                host.TakesHostMemory = false;
            }

            _core.Leave();
        }

        void Step(TensorUpdate update) => _core.Step(new ReadOnlySpan<TensorUpdate>(in update), stream: 0);
    }

    /// <summary>Updates one float32 tensor on the ILGPU accelerator of <see cref="OptimizerOptions.Device"/>; see
    /// <see cref="Step{TParameter, TGradient}(ParameterState, ArrayView{TParameter}, ArrayView{TGradient})"/>.
    /// </summary>
    /// <param name="state">From <see cref="Add(string, long, IStateAllocator?)"/>.</param>
    /// <param name="parameter">float32[<see cref="ParameterState.Length"/>] on the accelerator,
    /// updated in place.</param>
    /// <param name="gradient">float32[<see cref="ParameterState.Length"/>] on the accelerator.</param>
    /// <exception cref="NotFiniteNumberException">As for <see cref="Step(ReadOnlySpan{TensorUpdate})"/>.</exception>
    /// <exception cref="ArgumentException">A length differs from the state's, a view is not of the optimizer's
    /// accelerator, or the state is another optimizer's.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="state"/> is null.</exception>
    /// <exception cref="InvalidOperationException">A step is under way.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void Step(ParameterState state, ArrayView<float> parameter, ArrayView<float> gradient) =>
        Step<float, float>(state, parameter, gradient);

    /// <summary>Updates one tensor on the ILGPU accelerator of <see cref="OptimizerOptions.Device"/>, on its default
    /// stream; returns when it is done. Arithmetic is float32; a new parameter is rounded as
    /// <see cref="OptimizerOptions.Rounding"/> says.</summary>
    /// <param name="state">From <see cref="Add(string, long, IStateAllocator?)"/>.</param>
    /// <param name="parameter">float32, float16 or bfloat16[<see cref="ParameterState.Length"/>] on the accelerator,
    /// updated in place.</param>
    /// <param name="gradient">float32, float16 or bfloat16[<see cref="ParameterState.Length"/>] on the
    /// accelerator.</param>
    /// <typeparam name="TParameter"><see cref="float"/>, <see cref="System.Half"/>, <see cref="ILGPU.Half"/> or
    /// <see cref="BFloat16"/>.</typeparam>
    /// <typeparam name="TGradient">Any of the same types; need not be the parameter's.</typeparam>
    /// <exception cref="NotFiniteNumberException">As for <see cref="Step(ReadOnlySpan{TensorUpdate})"/>.</exception>
    /// <exception cref="ArgumentException">An element type is none of these, a length differs from the state's, a view
    /// is not of the optimizer's accelerator, or the state is another optimizer's.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="state"/> is null.</exception>
    /// <exception cref="InvalidOperationException">A step is under way.</exception>
    /// <exception cref="NotSupportedException">As for <see cref="Step(ReadOnlySpan{TensorUpdate})"/>.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void Step<TParameter, TGradient>(
        ParameterState state, ArrayView<TParameter> parameter, ArrayView<TGradient> gradient)
        where TParameter : unmanaged
        where TGradient : unmanaged => Step(TensorUpdate.Of(state, parameter, gradient));

    /// <summary>Updates many tensors, of any groups, in the memory of the optimizer's device: as one list of work over
    /// all threads, or in one launch for all that share a kernel, on the device's default stream. No managed memory is
    /// allocated on the CPU once buffers have grown to the size of the batch. A CUDA device is not waited for;
    /// see <see cref="Step(nint, ReadOnlySpan{TensorUpdate})"/>.</summary>
    /// <param name="updates">Each state at most once. All are validated before anything is written.</param>
    /// <exception cref="NotFiniteNumberException">What the rule computes of its hyperparameters for every element is
    /// NaN or infinite, or a gradient is and the policy is <see cref="NonFinitePolicy.Throw"/>; nothing
    /// was changed.</exception>
    /// <exception cref="ArgumentException">An address is 0, an element type is not defined, a state is another
    /// optimizer's or occurs twice.</exception>
    /// <exception cref="ArgumentNullException">A state is null.</exception>
    /// <exception cref="CudaException">A call of the driver fails: the message says which, and what to do.</exception>
    /// <exception cref="InvalidOperationException">A step is under way.</exception>
    /// <exception cref="NotSupportedException">A parameter is float16, and <see cref="OptimizerOptions.Rounding"/> is
    /// <see cref="ParameterRounding.Stochastic"/>.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void Step(params ReadOnlySpan<TensorUpdate> updates) => Step(stream: 0, updates);

    /// <summary>Updates many tensors on a stream of a CUDA device. Returns before the work is done, and does not wait
    /// for the device, unless gradients are measured (<see cref="OptimizerOptions.MaxGradientNorm"/>,
    /// <see cref="NonFinitePolicy.SkipStep"/>, <see cref="NonFinitePolicy.Throw"/>): such a step waits once for the
    /// work of the stream before it launches its own. Work on that stream before it is seen, and work after it sees the
    /// new parameters.</summary>
    /// <param name="stream">The driver's handle of a stream in the device's primary context; 0 for the default stream.
    /// Other devices have one stream and ignore it.</param>
    /// <param name="updates">As for <see cref="Step(ReadOnlySpan{TensorUpdate})"/>.</param>
    /// <exception cref="NotFiniteNumberException">As for <see cref="Step(ReadOnlySpan{TensorUpdate})"/>.</exception>
    /// <exception cref="ArgumentException">As for <see cref="Step(ReadOnlySpan{TensorUpdate})"/>.</exception>
    /// <exception cref="ArgumentNullException">A state is null.</exception>
    /// <exception cref="CudaException">A call of the driver fails: the message says which, and what to do.</exception>
    /// <exception cref="InvalidOperationException">A step is under way; or the stream is being captured, and the
    /// optimizer is not <see cref="OptimizerOptions.Capturable"/> or has not taken a step with
    /// these tensors.</exception>
    /// <exception cref="NotSupportedException">As for <see cref="Step(ReadOnlySpan{TensorUpdate})"/>; or the stream is
    /// being captured, and the host has a part in every step of the rule.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void Step(nint stream, params ReadOnlySpan<TensorUpdate> updates)
    {
        _core.Enter();
        try
        {
            _core.Step(updates, stream);
        }
        finally
        {
            _core.Leave();
        }
    }

    /// <summary>Takes one step of several optimizers of a rule, such as those of a model on several devices: all are
    /// checked before the first one writes anything, and gradients that are measured are measured together, in the
    /// order of the parts, so that one norm clips them and one policy decides.</summary>
    /// <param name="parts">At least one; an optimizer in one of them. All have the same <see cref="GradientScale"/>,
    /// <see cref="NonFinite"/> and <see cref="OptimizerOptions.MaxGradientNorm"/>.</param>
    /// <exception cref="NotFiniteNumberException">As for <see cref="Step(ReadOnlySpan{TensorUpdate})"/>; nothing was
    /// changed.</exception>
    /// <exception cref="ArgumentException">As for <see cref="Step(ReadOnlySpan{TensorUpdate})"/>, or there is no part,
    /// or they differ in what has to be the same; nothing was changed.</exception>
    /// <exception cref="ArgumentNullException">An optimizer or a state is null.</exception>
    /// <exception cref="CudaException">A call of a driver fails.</exception>
    /// <exception cref="InvalidOperationException">A step is under way, an optimizer is in two parts, or a stream is
    /// being captured; nothing was changed.</exception>
    /// <exception cref="ObjectDisposedException">An optimizer is disposed.</exception>
    [SuppressMessage(
        "Design", "CA1000", Justification = "All parts are of the optimizer's rule, and its name says so.")]
    public static void StepTogether(params ReadOnlySpan<StepPart<TRule>> parts)
    {
        if (parts.IsEmpty)
        {
            throw new ArgumentException("There is no part; pass the optimizers of the step.", nameof(parts));
        }

        var cores = new (StepCore<TRule>, nint, ReadOnlyMemory<TensorUpdate>)[parts.Length];
        int entered = 0;
        try
        {
            for (; entered < parts.Length; entered++)
            {
                StepPart<TRule> part = parts[entered];
                ArgumentNullException.ThrowIfNull(part.Optimizer, nameof(parts));
                part.Optimizer._core.Enter();
                cores[entered] = (part.Optimizer._core, part.Stream, part.Updates);
            }

            StepCore<TRule>.StepTogether(cores);
        }
        finally
        {
            for (int i = 0; i < entered; i++)
            {
                parts[i].Optimizer._core.Leave();
            }
        }
    }

    /// <summary>Prepares one launch of a CUDA graph into which a step of this optimizer was captured, the last one if
    /// there were several: writes the step's number, the rule's hyperparameters and <see cref="GradientScale"/> to the
    /// device, and counts the step. To be followed by the launch, on the same stream; does not wait.</summary>
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
    /// <exception cref="InvalidOperationException">No step was captured, the step needs another kernel than the
    /// captured one, or a step is under way.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void PrepareReplay(nint stream) => _core.Exclusively(() => _core.PrepareReplay(stream));

    /// <summary>Frees the states and the scratch memory; spans of states are invalid from then on.</summary>
    /// <exception cref="InvalidOperationException">Another thread's step is under way; nothing was freed.</exception>
    public void Dispose() => _core.Dispose();

    /// <summary>Runs the kernels; for measurements.</summary>
    internal IStepExecutor<TRule> Executor => _executor;

    /// <summary>Its steps, for those who take parts of them on several ranks.</summary>
    internal StepCore<TRule> Core => _core;
}
