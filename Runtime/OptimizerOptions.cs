using Requant.Numerics;
using Requant.Steps;

namespace Requant;

/// <summary>How an optimizer keeps its states and runs, whatever its rule.</summary>
public sealed record OptimizerOptions
{
    /// <summary>Tensors with fewer elements keep their states in float32; 4096 by default. 0 quantizes every
    /// tensor.</summary>
    public long MinQuantizedLength { get; init; } = 4096;

    /// <summary>Elements that share one absmax, for all states: a multiple of 16 from 16 to 4096. The rule's own when
    /// null.</summary>
    public int? BlockSize { get; init; }

    /// <summary>Names of parameters whose states stay in float32, whatever their length. Unknown names are
    /// not an error, since parameters may be added later: see <see cref="ParameterState.IsQuantized"/>.</summary>
    public IReadOnlyCollection<string> KeepFloat32 { get; init; } = [];

    /// <summary>Which codecs states are stored by; as the rule declares by default. States that a rule declares
    /// <see cref="Codec.Float32"/> stay so.</summary>
    public StateCodecs Codecs { get; init; }

    /// <summary>Which of the two codes around a new state value is stored, for all quantized states; each as it
    /// declares when null.</summary>
    public StateRounding? StateRounding { get; init; }

    /// <summary>Where states live and kernels run; the CPU by default.</summary>
    public Device Device { get; init; } = Device.Cpu;

    /// <summary>What happens when an element of a gradient is NaN or infinite.</summary>
    public NonFinitePolicy NonFinite { get; init; } = NonFinitePolicy.SkipElement;

    /// <summary>The largest Euclidean norm of all gradients of one step together; null for any. A step with a larger
    /// one multiplies its gradients by <c>MaxGradientNorm / (norm + 1e-6)</c>, as PyTorch's <c>clip_grad_norm_</c>,
    /// inside its kernels: one more pass reads the gradients, and none writes them. On a device the step waits for that
    /// pass. The norm is of unscaled gradients, after <see cref="Optimizer{TRule}.GradientScale"/>, and leaves out
    /// elements that are not finite. Above 0.</summary>
    public float? MaxGradientNorm { get; init; }

    /// <summary>How new bfloat16 parameters are rounded; to nearest by default. float32 parameters are not rounded,
    /// whatever is set here. With <see cref="ParameterRounding.Stochastic"/> a step with float16 parameters is a
    /// <see cref="NotSupportedException"/>.</summary>
    public ParameterRounding Rounding { get; init; }

    /// <summary>Whether bfloat16 parameters have float32 master weights; none by default. Not together with
    /// <see cref="ParameterRounding.Stochastic"/>: nothing is rounded away. float32 parameters need none; a step with
    /// float16 parameters is a <see cref="NotSupportedException"/>.</summary>
    public MasterWeights MasterWeights { get; init; }

    /// <summary>Seed of the random bits of <see cref="ParameterRounding.Stochastic"/> and of
    /// <see cref="Requant.StateRounding.Stochastic"/>; any number, 0 by default. A checkpoint keeps it:
    /// <see cref="Optimizer{TRule}.RoundingSeed"/>.</summary>
    public ulong RoundingSeed { get; init; }

    /// <summary>Whether steps may be captured into CUDA graphs, on a CUDA device; see
    /// <see cref="Optimizer{TRule}.PrepareReplay"/>. Not together with options that make the host wait for
    /// the gradients: <see cref="MaxGradientNorm"/>, <see cref="NonFinitePolicy.SkipStep"/> and
    /// <see cref="NonFinitePolicy.Throw"/>.</summary>
    public bool Capturable { get; init; }

    /// <summary>The most threads that a step uses, the caller's among them; at least 1. The number has no effect on
    /// results.</summary>
    public int MaxThreads { get; init; } = Environment.ProcessorCount;

    /// <summary>Vector width of CPU kernels; the widest of the machine when null. It has no effect on the results of
    /// exact rules.</summary>
    public SimdWidth? SimdWidth { get; init; }

    /// <summary>What computes <see cref="Matrix.Orthogonalize"/> on the CPU, if speed matters more than the same bits
    /// everywhere; Requant's own products when null. For matrices of at most 2^31 - 1 elements.</summary>
    public Orthogonalizer? Orthogonalizer { get; init; }

    /// <summary>Whether a step looks at all gradients before it changes anything.</summary>
    private bool MeasuresGradients =>
        MaxGradientNorm is not null || NonFinite is NonFinitePolicy.SkipStep or NonFinitePolicy.Throw;

    /// <summary>Whether an optimizer of a rule rounds parameters or states stochastically with these options, so that
    /// its seed matters.</summary>
    /// <param name="rule">What its states are declared as.</param>
    /// <exception cref="ArgumentNullException"><paramref name="rule"/> is null.</exception>
    public bool RoundsStochastically(RuleInfo rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return ToSettings(rule.BlockSize).RoundsStochastically(rule.States);
    }

    internal StepSettings ToSettings(int blockSize) => new()
    {
        BlockSize = blockSize,
        MinQuantizedLength = MinQuantizedLength,
        Codecs = Codecs,
        StateRounding = StateRounding,
        Storage = ParameterStorages.Of(Rounding, MasterWeights),
        MaxGradientNorm = MaxGradientNorm,
        Capturable = Capturable,
    };

    /// <summary>Throws unless every option has a usable value.</summary>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(MinQuantizedLength);
        if (BlockSize is int blockSize)
        {
            BlockSizes.Validate(blockSize, nameof(BlockSize));
        }

        ArgumentNullException.ThrowIfNull(KeepFloat32);
        if (KeepFloat32.Contains(null!))
        {
            throw new ArgumentException(
                $"{nameof(KeepFloat32)} contains null; it takes names of parameters.", nameof(KeepFloat32));
        }

        ArgumentNullException.ThrowIfNull(Device);
        if (!Enum.IsDefined(NonFinite))
        {
            throw new ArgumentOutOfRangeException(nameof(NonFinite), NonFinite,
                $"The policies are {string.Join(", ", Enum.GetNames<NonFinitePolicy>())}.");
        }

        if (!Enum.IsDefined(Rounding))
        {
            throw new ArgumentOutOfRangeException(
                nameof(Rounding), Rounding, $"The modes are {string.Join(", ", Enum.GetNames<ParameterRounding>())}.");
        }

        if (!Enum.IsDefined(MasterWeights))
        {
            throw new ArgumentOutOfRangeException(
                nameof(MasterWeights), MasterWeights,
                $"The choices are {string.Join(", ", Enum.GetNames<MasterWeights>())}.");
        }

        if (MasterWeights != MasterWeights.None && Rounding == ParameterRounding.Stochastic)
        {
            throw new ArgumentException(
                $"{nameof(MasterWeights)} = {MasterWeights} keeps what {nameof(Rounding)} = {Rounding} would round "
                + "away; leave one of them out.",
                nameof(MasterWeights));
        }

        if (!Enum.IsDefined(Codecs))
        {
            throw new ArgumentOutOfRangeException(
                nameof(Codecs), Codecs, $"The choices are {string.Join(", ", Enum.GetNames<StateCodecs>())}.");
        }

        if (StateRounding is StateRounding rounding && !Enum.IsDefined(rounding))
        {
            throw new ArgumentOutOfRangeException(
                nameof(StateRounding), rounding, $"The modes are {string.Join(", ", Enum.GetNames<StateRounding>())}.");
        }

        if (MaxGradientNorm is float norm && !(norm > 0))
        {
            throw new ArgumentOutOfRangeException(
                nameof(MaxGradientNorm), norm, $"{nameof(MaxGradientNorm)} is above 0, or null for no clipping.");
        }

        if (Capturable && (!Device.IsCuda || Device.IsOffloaded))
        {
            throw new ArgumentException(
                $"Steps on {Device} cannot be captured into graphs; leave {nameof(Capturable)} out, or use a "
                + "device of CUDA.",
                nameof(Capturable));
        }

        if (Capturable && MeasuresGradients)
        {
            string other = MaxGradientNorm is float clipped
                ? $"{nameof(MaxGradientNorm)} = {clipped}"
                : $"{nameof(NonFinite)} = {NonFinite}";
            throw new ArgumentException(
                $"{nameof(Capturable)} and {other} exclude each other: the host decides on a step from its gradients, "
                + "which a graph cannot wait for; leave one of them out.",
                nameof(Capturable));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(MaxThreads, 1);
        if (SimdWidth is SimdWidth width && !SimdWidths.Supported.Contains(width))
        {
            throw new PlatformNotSupportedException(
                $"SimdWidth {width} is not accelerated here; there are {string.Join(", ", SimdWidths.Supported)}.");
        }
    }
}
