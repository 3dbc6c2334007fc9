using System.Runtime.InteropServices;
using Requant.Cpu;
using Requant.Ilgpu;
using Requant.Ptx.Launch;

namespace Requant.Ptx;

/// <summary>Takes steps of a rule by its PTX, in the interpreter, as an ILGPU accelerator would take them: the same kernels,
/// structs and work of the host between phases.</summary>
/// <remarks>Parameters and states are on the host between steps, the latter in an <see cref="Optimizer{TRule}"/> of the
/// processor; each step works on copies, so that a step that fails changes nothing.</remarks>
/// <typeparam name="TRule">The generated rule.</typeparam>
public sealed class PtxOptimizer<TRule> : IDisposable
    where TRule : IOptimizerRule<TRule>
{
    private readonly Optimizer<TRule> _host;
    private readonly PtxDevice _device;

    /// <summary>Makes an optimizer without parameters.</summary>
    /// <param name="rule">The rule with its hyperparameters.</param>
    /// <param name="options">How states are kept; its device must be the processor.</param>
    /// <param name="device">How kernels are launched; defaults when null.</param>
    /// <exception cref="ArgumentException">An option has a value that it cannot have.</exception>
    public PtxOptimizer(TRule rule, OptimizerOptions options, PtxDevice? device = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _device = device ?? new PtxDevice();
        _host = options.Device.IsCpu
            ? new Optimizer<TRule>(rule, options)
            : throw new ArgumentException($"The interpreter keeps states on the host, not on {options.Device}.", nameof(options));
    }

    /// <summary>The rule and its hyperparameters.</summary>
    public TRule Rule
    {
        get => _host.Rule;
        set => _host.Rule = value;
    }

    /// <summary>Elements skipped in all steps because their gradient was NaN or infinite.</summary>
    public long SkippedElements { get; private set; }

    /// <summary>What the kernels of the last step did.</summary>
    public PtxStepProfile LastStep { get; private set; } = PtxStepProfile.Empty;

    /// <summary>Adds a parameter tensor.</summary>
    /// <param name="name">A name that no other parameter has.</param>
    /// <param name="length">Elements; 0 or more.</param>
    /// <exception cref="ArgumentException">The name is in use or the length is negative.</exception>
    public ParameterState Add(string name, long length) => _host.Add(name, length);

    /// <summary>Updates one tensor.</summary>
    /// <param name="state">From <see cref="Add"/>.</param>
    /// <param name="parameter">float32[n], updated in place.</param>
    /// <param name="gradient">float32[n].</param>
    /// <exception cref="ArgumentException">A length differs from the state's, or the state is another optimizer's.</exception>
    /// <exception cref="PtxException">A kernel did what PTX does not define.</exception>
    public void Step(ParameterState state, Span<float> parameter, ReadOnlySpan<float> gradient) => Step(
        state, MemoryMarshal.AsBytes(parameter), ElementType.Float32, MemoryMarshal.AsBytes(gradient), ElementType.Float32);

    /// <summary>Updates one tensor whose elements are of any type.</summary>
    /// <param name="state">From <see cref="Add"/>.</param>
    /// <param name="parameter">n elements, updated in place.</param>
    /// <param name="parameterType">What they are.</param>
    /// <param name="gradient">n elements.</param>
    /// <param name="gradientType">What they are.</param>
    /// <exception cref="ArgumentException">A length differs from the state's, or the state is another optimizer's.</exception>
    /// <exception cref="PtxException">A kernel did what PTX does not define.</exception>
    public void Step(
        ParameterState state, Span<byte> parameter, ElementType parameterType, ReadOnlySpan<byte> gradient, ElementType gradientType)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (!ReferenceEquals(state.Owner, _host)
            || parameter.Length != state.Length * SizeOf(parameterType) || gradient.Length != state.Length * SizeOf(gradientType))
        {
            throw new ArgumentException(
                $"State '{state.Name}' is another optimizer's, or its {state.Length} elements are not those of the parameter "
                + $"({parameter.Length} bytes of {parameterType}) and the gradient ({gradient.Length} bytes of {gradientType}).", nameof(state));
        }

        int step = checked(state.Step + 1);
        var tensor = new TensorBuffers(state, TRule.Info, parameter, parameterType, gradient, gradientType);
        var profile = new PtxProfile();
        RunPhases(state, step, tensor, profile);
        tensor.Parameter.Bytes.CopyTo(parameter);
        foreach (StateBuffers? one in tensor.States)
        {
            one?.WriteBack();
        }

        state.Commit(step, tensor.UniformValues);
        SkippedElements += tensor.SkippedCount;
        LastStep = new PtxStepProfile(profile, tensor.Memory.Buffers);
    }

    /// <summary>Frees the states.</summary>
    public void Dispose() => _host.Dispose();

    private static int SizeOf(ElementType type) => type == ElementType.Float32 ? sizeof(float) : sizeof(ushort);

    private void RunPhases(ParameterState state, int step, TensorBuffers tensor, PtxProfile profile)
    {
        RuleInfo info = TRule.Info;
        int variant = Rule.SelectVariant(step);
        var reductions = new float[info.Reductions.Count];
        for (int phase = 0; phase < info.PhaseCount; phase++)
        {
            FinishReductions(state, tensor, phase - 1, reductions);
            Rule.ComputeUniforms(phase, step, state.TensorStates.Values, reductions, tensor.UniformValues);

            // Every phase meets the same bad gradients; the last one, which writes, counts them.
            tensor.SkippedCount = 0;
            PtxKernel? kernel = RuleKernels.Get<TRule>(
                variant, phase, state.IsQuantized, _device.Architecture, tensor.ParameterType, tensor.GradientType);
            if (state.Length > 0 && kernel is not null)
            {
                profile.Add(kernel.Run(_device.Grid(state.BlockCount), tensor.Memory, DeviceArguments.For(tensor)));
            }
        }
    }

    private static unsafe void FinishReductions(ParameterState state, TensorBuffers tensor, int phase, float[] reductions)
    {
        int blocks = checked((int)state.BlockCount);
        fixed (float* partials = tensor.PartialValues)
        {
            for (int i = 0; i < reductions.Length; i++)
            {
                if (TRule.Info.Reductions[i].Phase == phase)
                {
                    reductions[i] = TensorReduction.Finish(TRule.Info.Reductions[i].Kind, partials + (i * blocks), blocks);
                }
            }
        }
    }
}
