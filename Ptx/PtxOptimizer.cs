using System.Runtime.InteropServices;
using Requant.Devices;
using Requant.Devices.Driver;
using Requant.Ptx.Cuda;
using Requant.States;

namespace Requant.Ptx;

/// <summary>Takes steps of a rule as a device of CUDA would: the same executor, on a driver whose device is the
/// interpreter.</summary>
/// <remarks>Parameters are on the host between steps; each step works on copies, so that a step that fails
/// changes none.</remarks>
/// <typeparam name="TRule">The generated rule.</typeparam>
public sealed class PtxOptimizer<TRule> : IDisposable
    where TRule : IOptimizerRule<TRule>
{
    /// <summary>Texts of the process alone: tests leave no files.</summary>
    private static readonly PtxCache Cache = new(folder: null);

    private readonly InterpretedDriver _driver;
    private readonly CudaContext _context;
    private readonly Optimizer<TRule> _optimizer;

    /// <summary>Makes an optimizer without parameters.</summary>
    /// <param name="rule">The rule with its hyperparameters.</param>
    /// <param name="options">How states are kept; its device must be the processor, and is replaced.</param>
    /// <param name="device">How kernels are launched; defaults when null.</param>
    /// <exception cref="ArgumentException">An option has a value that it cannot have.</exception>
    public PtxOptimizer(TRule rule, OptimizerOptions options, PtxDevice? device = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!options.Device.IsCpu)
        {
            throw new ArgumentException(
                $"The interpreter takes the place of {options.Device}; leave the device out.", nameof(options));
        }

        device ??= new PtxDevice();
        _driver = device.NewDriver();
        Device onDriver = Device.Cuda(_driver, 0, Cache);
        _context = onDriver.Context!;
        _optimizer = new Optimizer<TRule>(rule, options with { Device = onDriver });
    }

    /// <summary>The rule and its hyperparameters.</summary>
    public TRule Rule
    {
        get => _optimizer.Rule;
        set => _optimizer.Rule = value;
    }

    /// <summary>Elements skipped in all steps because their gradient was NaN or infinite.</summary>
    public long SkippedElements => _optimizer.SkippedElements;

    /// <summary>What steps multiply gradients by; see <see cref="Optimizer{TRule}.GradientScale"/>.</summary>
    public float GradientScale
    {
        get => _optimizer.GradientScale;
        set => _optimizer.GradientScale = value;
    }

    /// <summary>See <see cref="Optimizer{TRule}.GradientNorm"/>.</summary>
    public double? GradientNorm => _optimizer.GradientNorm;

    /// <summary>See <see cref="Optimizer{TRule}.LastStepSkipped"/>.</summary>
    public bool LastStepSkipped => _optimizer.LastStepSkipped;

    /// <summary>What the kernels of the last step did.</summary>
    public PtxStepProfile LastStep { get; private set; } = PtxStepProfile.Empty;

    /// <summary>Adds a parameter tensor.</summary>
    /// <param name="name">A name that no other parameter has.</param>
    /// <param name="shape">Its dimensions; one alone is its length.</param>
    /// <exception cref="ArgumentException">The name is in use or a dimension is negative.</exception>
    public ParameterState Add(string name, params ReadOnlySpan<long> shape) => _optimizer.Add(name, shape);

    /// <summary>Updates one tensor.</summary>
    /// <param name="state">From <see cref="Add"/>.</param>
    /// <param name="parameter">float32[n], updated in place.</param>
    /// <param name="gradient">float32[n].</param>
    /// <exception cref="ArgumentException">A length differs from the state's, or the state is another
    /// optimizer's.</exception>
    /// <exception cref="PtxException">A kernel did what PTX does not define.</exception>
    public void Step(ParameterState state, Span<float> parameter, ReadOnlySpan<float> gradient)
    {
        var tensor = new PtxTensor(
            state, MemoryMarshal.AsBytes(parameter).ToArray(), MemoryMarshal.AsBytes(gradient).ToArray(),
            ElementType.Float32,
            ElementType.Float32);
        Step(tensor);
        MemoryMarshal.Cast<byte, float>(tensor.Parameter).CopyTo(parameter);
    }

    /// <summary>Updates tensors whose elements are of any type.</summary>
    /// <param name="tensors">Each state at most once; parameters are updated in place.</param>
    /// <exception cref="ArgumentException">A length differs from the state's, or the state is another
    /// optimizer's.</exception>
    /// <exception cref="PtxException">A kernel did what PTX does not define.</exception>
    public void Step(params IReadOnlyList<PtxTensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        foreach (PtxTensor tensor in tensors)
        {
            tensor.Validate();
        }

        var memory = new List<CudaBuffer>();
        try
        {
            TensorUpdate[] updates = [.. tensors.Select(tensor => new TensorUpdate(
                tensor.State, Copy(tensor.Parameter, tensor.ParameterOffset, memory), Copy(tensor.Gradient, 0, memory),
                tensor.ParameterType, tensor.GradientType))];
            PtxStepProfile.Recording recording = PtxStepProfile.Record(_driver);
            _optimizer.Step(updates);
            _context.Synchronize(0);
            LastStep = recording.Finish(NamesOf(updates));
            for (int i = 0; i < tensors.Count; i++)
            {
                _context.CopyToHost(tensors[i].Parameter.AsSpan(), (ulong)updates[i].Parameter);
            }
        }
        catch (CudaException) when (_driver.Fault is not null)
        {
            throw _driver.Fault;
        }
        finally
        {
            if (_driver.Fault is null)
            {
                memory.ForEach(buffer => buffer.Dispose());
            }
        }
    }

    /// <summary>Frees the states.</summary>
    public void Dispose()
    {
        // A device that has failed frees nothing, and its memory goes with the driver.
        if (_driver.Fault is null)
        {
            _optimizer.Dispose();
        }

        _driver.Dispose();
    }

    private nint Copy(byte[] bytes, int offset, List<CudaBuffer> memory)
    {
        // Memory is as long as its content, so that an access past it is found; where there is none, any
        // address serves.
        CudaBuffer buffer = _context.Allocate(bytes.Length + offset);
        memory.Add(buffer);
        _context.CopyToDevice<byte>(buffer.Address + (ulong)offset, bytes);
        return (nint)buffer.Address + offset;
    }

    private Dictionary<ulong, string> NamesOf(TensorUpdate[] updates)
    {
        var names = new Dictionary<ulong, string>();
        foreach (TensorUpdate update in updates)
        {
            names[(ulong)update.Parameter] = "parameter";
            names[(ulong)update.Gradient] = "gradient";
            foreach (QuantizedState state in update.State.States.Where(state => state.IsAllocated))
            {
                var storage = (DeviceStateStorage)state.Storage;
                names[(ulong)storage.ValuesPosition] = state.Name + (state.IsQuantized ? ".codes" : ".values");
                names.TryAdd((ulong)storage.AbsmaxPosition, state.Name + ".absmax");
            }

            if (update.State.HasRemainder)
            {
                names[(ulong)((DeviceStateStorage)update.State.Remainder!.Storage).ValuesPosition] = Remainder.Name;
            }
        }

        foreach ((string name, long position) in ((DeviceExecutor<TRule>)_optimizer.Executor).Memory)
        {
            names[(ulong)position] = name;
        }

        return names;
    }
}
