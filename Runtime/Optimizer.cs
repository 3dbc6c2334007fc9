using Requant.Codecs;
using Requant.Cpu;
using Requant.Devices;
using Requant.Numerics;
using Requant.States;
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
/// Not for use by several threads at a time: a step that begins while another runs throws. States are in native memory
/// that <see cref="Dispose"/> frees, or the collector some time after the last use of the optimizer and its states; so keep it alive, best
/// by <c>using</c>, while spans of its states are in use.
/// </remarks>
/// <typeparam name="TRule">The record that the generator made of the rule.</typeparam>
public sealed partial class Optimizer<TRule> : IDisposable
    where TRule : IOptimizerRule<TRule>
{
    private readonly Dictionary<string, ParameterState> _byName = new(StringComparer.Ordinal);
    private readonly List<ParameterState> _parameters = [];
    private readonly HashSet<string> _keepFloat32;
    private readonly StateInfo[] _states;
    private readonly int _blockSize;
    private readonly CpuExecutor<TRule>? _cpu;
    private TRule _rule;
    private int _statesInUse;
    private (long All, long Last) _skipped;
    private long _batch;
    private int _isStepping;
    private bool _disposed;

    /// <summary>Makes an optimizer without parameters.</summary>
    /// <param name="rule">The rule with its hyperparameters.</param>
    /// <param name="options">Defaults when null.</param>
    /// <exception cref="ArgumentException">An option has a value that it cannot have; the message names both.</exception>
    /// <exception cref="PlatformNotSupportedException">The machine lacks the vector width asked for.</exception>
    public Optimizer(TRule rule, OptimizerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(rule);
        options ??= new OptimizerOptions();
        options.Validate();
        _rule = rule;
        _statesInUse = rule.StatesInUse();
        Options = options;
        _keepFloat32 = new HashSet<string>(options.KeepFloat32, StringComparer.Ordinal);
        _states = StateStorageChoice.Resolve(TRule.Info.States, options);
        _blockSize = options.BlockSize ?? TRule.Info.BlockSize;
        BlockSizes.Validate(_blockSize, nameof(rule));
        Parameters = _parameters.AsReadOnly();
        if (options.Device.IsCuda)
        {
            _cuda = new CudaKernelDevice(options.Device);
            _device = new DeviceExecutor<TRule>(_cuda, options);
        }
        else if (options.Device.Accelerator is null)
        {
            _cpu = new CpuExecutor<TRule>(_blockSize, options);
        }
        else
        {
            _accelerator = new AcceleratorDevice(options.Device.Accelerator);
            _device = new DeviceExecutor<TRule>(_accelerator, options);
        }

        RoundingSeed = options.RoundingSeed;
    }

    /// <summary>The rule and its hyperparameters; set it for schedules: <c>Rule = Rule with { Lr = 5e-4f
    /// }</c>. States that the new hyperparameters bring into use get their memory here and start at 0.</summary>
    /// <exception cref="ArgumentNullException">Set to null.</exception>
    public TRule Rule
    {
        get => _rule;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            AllocateStates(value.StatesInUse());
            _rule = value;
        }
    }

    /// <summary>The options it was made with.</summary>
    public OptimizerOptions Options { get; }

    /// <summary>What <see cref="Add"/> returned, in that order.</summary>
    public IReadOnlyList<ParameterState> Parameters { get; }

    /// <summary>Elements skipped in all steps because their gradient was NaN or infinite, or a state would have become so. On a device this waits for the steps
    /// so far.</summary>
    public long SkippedElements => Skipped.All;

    /// <summary>Elements skipped in the last step because their gradient was NaN or infinite, or a state would have become so. On a device this waits for the
    /// steps so far.</summary>
    public long LastStepSkippedElements => Skipped.Last;

    private (long All, long Last) Skipped => _device is null || _disposed ? _skipped : _device.ReadSkipped();

    /// <summary>Adds a parameter tensor and allocates its states, which start at 0. A state that the rule does not use with
    /// its hyperparameters gets no memory.</summary>
    /// <param name="name">A name that no other parameter of this optimizer has.</param>
    /// <param name="length">Elements; 0 or more.</param>
    /// <param name="allocator">Supplies the states' memory; native memory when null. For <see cref="Device.Cpu"/>
    /// only.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is in use, or <paramref name="allocator"/> is given
    /// for another device.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public ParameterState Add(string name, long length, IStateAllocator? allocator = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (_byName.TryGetValue(name, out ParameterState? present))
        {
            throw new ArgumentException(
                $"There is a parameter '{name}' already, with {present.Length} elements; give each parameter a " +
                "name of its own.",
                nameof(name));
        }

        if (allocator is not null && !Options.Device.IsCpu)
        {
            throw new ArgumentException(
                $"State memory from {allocator.GetType().Name} is in the processor's memory, and this optimizer " +
                $"runs on {Options.Device}; pass null.",
                nameof(allocator));
        }

        bool byCodec = length >= Options.MinQuantizedLength && !_keepFloat32.Contains(name);
        QuantizedState[] states = CreateStates(length, byCodec, allocator ?? NativeStateAllocator.Instance);
        var state = new ParameterState(
            this, name, length, _blockSize, Array.Exists(states, one => one.IsQuantized), states, TRule.Info.TensorStates);
        try
        {
            state.Allocate(_statesInUse);
        }
        catch
        {
            // The next Add must find the memory that this one had taken.
            state.Dispose();
            throw;
        }

        _byName.Add(name, state);
        _parameters.Add(state);
        return state;
    }

    /// <summary>Updates one tensor in the processor's memory.</summary>
    /// <param name="state">From <see cref="Add"/>.</param>
    /// <param name="parameter">float32[<see cref="ParameterState.Length"/>], updated in place.</param>
    /// <param name="gradient">float32[<see cref="ParameterState.Length"/>].</param>
    /// <exception cref="NotFiniteNumberException">What the rule computes of its hyperparameters for every element is NaN or infinite, or a
    /// gradient is and the policy is <see cref="NonFinitePolicy.Throw"/>; nothing was changed.</exception>
    /// <exception cref="ArgumentException">A length differs from the state's, or the state is another
    /// optimizer's.</exception>
    /// <exception cref="ArgumentNullException">A state is null.</exception>
    /// <exception cref="InvalidOperationException">The optimizer's device is not the processor, or a step is under
    /// way.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void Step(ParameterState state, Span<float> parameter, ReadOnlySpan<float> gradient) =>
        Step<float, float>(state, parameter, gradient);

    /// <summary>Updates one tensor in the processor's memory whose parameter, gradient or both have 16 bits an element.
    /// Arithmetic is float32; a new parameter is rounded as <see cref="OptimizerOptions.Rounding"/> says.</summary>
    /// <param name="state">From <see cref="Add"/>.</param>
    /// <param name="parameter">float32, float16 or bfloat16[<see cref="ParameterState.Length"/>], updated in place.</param>
    /// <param name="gradient">float32, float16 or bfloat16[<see cref="ParameterState.Length"/>].</param>
    /// <typeparam name="TParameter"><see cref="float"/>, <see cref="Half"/> or <see cref="BFloat16"/>.</typeparam>
    /// <typeparam name="TGradient">Any of the same types; need not be the parameter's.</typeparam>
    /// <exception cref="NotFiniteNumberException">What the rule computes of its hyperparameters for every element is NaN or infinite, or a
    /// gradient is and the policy is <see cref="NonFinitePolicy.Throw"/>; nothing was changed.</exception>
    /// <exception cref="ArgumentException">An element type is none of the three, a length differs from the state's, or the
    /// state is another optimizer's.</exception>
    /// <exception cref="ArgumentNullException">A state is null.</exception>
    /// <exception cref="InvalidOperationException">The optimizer's device is not the processor, or a step is under
    /// way.</exception>
    /// <exception cref="NotSupportedException">A parameter is float16, and <see cref="OptimizerOptions.Rounding"/> is
    /// <see cref="ParameterRounding.Stochastic"/>.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public unsafe void Step<TParameter, TGradient>(
        ParameterState state, Span<TParameter> parameter, ReadOnlySpan<TGradient> gradient)
        where TParameter : unmanaged
        where TGradient : unmanaged
    {
        EnterStep();
        try
        {
            CpuExecutor<TRule> executor = RequireCpu();
            ElementType parameterType = ElementTypes.Of<TParameter>(nameof(parameter));
            ElementType gradientType = ElementTypes.Of<TGradient>(nameof(gradient));
            ValidateState(state, nameof(state));
            RequireLength(state, parameter.Length, nameof(parameter));
            RequireLength(state, gradient.Length, nameof(gradient));
            RequireRounding(state, parameterType);
            fixed (TParameter* parameterPointer = parameter)
            fixed (TGradient* gradientPointer = gradient)
            {
                var update = new TensorUpdate(
                    state, (nint)parameterPointer, (nint)gradientPointer, parameterType, gradientType);
                StepOnCpu(executor, new ReadOnlySpan<TensorUpdate>(in update));
            }
        }
        finally
        {
            LeaveStep();
        }
    }

    /// <summary>Updates many tensors in the processor's memory as one list of work over all threads, or in the memory of a
    /// device of CUDA on its default stream. No managed memory is allocated on the processor once buffers have grown to the
    /// size of the batch.</summary>
    /// <param name="updates">Each state at most once. All are validated before anything is written.</param>
    /// <exception cref="NotFiniteNumberException">What the rule computes of its hyperparameters for every element is NaN or infinite, or a
    /// gradient is and the policy is <see cref="NonFinitePolicy.Throw"/>; nothing was changed.</exception>
    /// <exception cref="ArgumentException">An address is 0, an element type is not defined, a state is another optimizer's
    /// or occurs twice.</exception>
    /// <exception cref="ArgumentNullException">A state is null.</exception>
    /// <exception cref="InvalidOperationException">The optimizer's device is an ILGPU accelerator, or a step is under
    /// way.</exception>
    /// <exception cref="NotSupportedException">A parameter is float16, and <see cref="OptimizerOptions.Rounding"/> is
    /// <see cref="ParameterRounding.Stochastic"/>.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void Step(params ReadOnlySpan<TensorUpdate> updates)
    {
        EnterStep();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            Validate(updates);
            if (_cuda is not null)
            {
                StepOnCuda(_cuda, stream: 0, updates);
                return;
            }

            StepOnCpu(RequireCpu(), updates);
        }
        finally
        {
            LeaveStep();
        }
    }

    /// <summary>Throws what a step of these updates would throw before it changes anything, and changes nothing: for steps of several
    /// optimizers that are to be taken all or not at all.</summary>
    /// <param name="updates">As for <see cref="Step(ReadOnlySpan{TensorUpdate})"/>; gradients are not looked at.</param>
    /// <exception cref="NotFiniteNumberException">As for <see cref="Step(ReadOnlySpan{TensorUpdate})"/>.</exception>
    /// <exception cref="ArgumentException">As for <see cref="Step(ReadOnlySpan{TensorUpdate})"/>.</exception>
    /// <exception cref="ArgumentNullException">A state is null.</exception>
    /// <exception cref="InvalidOperationException">A step is under way, or there are no more numbers of steps.</exception>
    /// <exception cref="NotSupportedException">As for <see cref="Step(ReadOnlySpan{TensorUpdate})"/>.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void Check(params ReadOnlySpan<TensorUpdate> updates)
    {
        EnterStep();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            Validate(updates);
            Span<float> uniforms = new float[TRule.Info.UniformCount];
            ReadOnlySpan<float> reductions = new float[TRule.Info.Reductions.Count];
            foreach (ref readonly TensorUpdate update in updates)
            {
                int step = update.State.NextStep();
                int variant = _rule.SelectVariant(step, update.State.UnusedStates);
                HostValues.Compute(_rule, update.State, step, variant, reductions, uniforms);
            }
        }
        finally
        {
            LeaveStep();
        }
    }

    /// <summary>Frees the states and the scratch memory; spans of states are invalid from then on.</summary>
    /// <exception cref="InvalidOperationException">Another thread's step is under way; nothing was freed.</exception>
    public void Dispose()
    {
        EnterStep();
        try
        {
            if (!_disposed)
            {
                KeepSkipped();
                _disposed = true;
                _cpu?.Dispose();
                _parameters.ForEach(state => state.Dispose());
                _device?.Dispose();
            }
        }
        finally
        {
            LeaveStep();
        }
    }

    private QuantizedState[] CreateStates(long length, bool byCodec, IStateAllocator allocator) =>
    [
        .. _states.Select((info, index) =>
        {
            bool quantized = byCodec && info.Codec != Codec.Float32;
            return new QuantizedState(
                info, _blockSize, length, quantized, () => CreateStorage(info, quantized, length, allocator), TRule.Info.States[index].Codec.IsUnsigned());
        }),
    ];

    private StateStorage CreateStorage(StateInfo info, bool quantized, long length, IStateAllocator allocator) => _device is not null
        ? _device.CreateStorage(info, _blockSize, quantized, length)
        : quantized
            ? HostStateStorage.CreateQuantized(allocator, info, _blockSize, length)
            : HostStateStorage.CreateFloat32(allocator, info, length);

    /// <summary>Allocates what hyperparameters bring into use, for every parameter.</summary>
    private void AllocateStates(int inUse)
    {
        if (_disposed || (inUse & ~_statesInUse) == 0)
        {
            return;
        }

        _parameters.ForEach(state => state.Allocate(inUse));
        _statesInUse |= inUse;
    }

    private void CountSkipped(long skipped)
    {
        _skipped = (_skipped.All + skipped, skipped);
    }

    /// <summary>Keeps the counts of a device that is given up. One that has failed has none to give, and its error has been
    /// reported.</summary>
    private void KeepSkipped()
    {
        try
        {
            _skipped = Skipped;
        }
        catch (CudaException)
        {
            _skipped = default;
        }
    }

    private void EnterStep()
    {
        if (Interlocked.Exchange(ref _isStepping, 1) != 0)
        {
            throw new InvalidOperationException(
                "A step of this optimizer is under way; take steps one after another, or in a batch, and dispose it afterwards.");
        }
    }

    private void LeaveStep() => Volatile.Write(ref _isStepping, 0);

    private CpuExecutor<TRule> RequireCpu()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _cpu ?? throw new InvalidOperationException(
            $"This optimizer runs on {Options.Device}; pass views of that device's memory, or make it with " +
            "Device.Cpu.");
    }

    private void Validate(ReadOnlySpan<TensorUpdate> updates)
    {
        _batch++;
        foreach (ref readonly TensorUpdate update in updates)
        {
            ValidateState(update.State, nameof(TensorUpdate.State));
            ValidateOnce(update.State, nameof(updates));
            ElementTypes.Require(update.ParameterType, update.State.Name, nameof(TensorUpdate.ParameterType));
            ElementTypes.Require(update.GradientType, update.State.Name, nameof(TensorUpdate.GradientType));
            RequireRounding(update.State, update.ParameterType);
            RequireAddress(update.State, update.Parameter, update.ParameterType, nameof(TensorUpdate.Parameter));
            RequireAddress(update.State, update.Gradient, update.GradientType, nameof(TensorUpdate.Gradient));
        }
    }

    private void ValidateState(ParameterState? state, string argument)
    {
        ArgumentNullException.ThrowIfNull(state, argument);
        if (!ReferenceEquals(state.Owner, this))
        {
            throw new ArgumentException(
                $"State '{state.Name}' belongs to another optimizer; pass what this one's Add returned.", argument);
        }
    }

    private void ValidateOnce(ParameterState state, string argument)
    {
        if (state.LastBatch == _batch)
        {
            throw new ArgumentException(
                $"State '{state.Name}' occurs twice in one batch; a tensor takes one update a step.", argument);
        }

        state.LastBatch = _batch;
    }

    private static void RequireLength(ParameterState state, long length, string argument)
    {
        if (length != state.Length)
        {
            throw new ArgumentException(
                $"The {argument} has {length} elements and state '{state.Name}' {state.Length}; they must be " +
                "equal.", argument);
        }
    }

    private static void RequireAddress(ParameterState state, nint address, ElementType type, string argument)
    {
        if (address == 0 && state.Length > 0)
        {
            throw new ArgumentException(
                $"The address of '{state.Name}' in {nameof(TensorUpdate)}.{argument} is 0; pass {state.Length} " +
                $"contiguous {type.Name()} elements.",
                argument);
        }
    }
}
