using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch;

/// <summary>How a <see cref="TorchOptimizer{TRule}"/> keeps its states and runs, whatever its rule.</summary>
/// <remarks>
/// Choose the parameters that keep float32 states by name, by module or by a predicate; calls add up.
/// <see cref="TorchOptimizer{TRule}.Report"/> shows the result.
/// <code>
/// var options = new TorchOptions { BlockSize = 128 }
///     .KeepFloat32("head.weight")
///     .KeepFloat32(model.embedding)
///     .KeepFloat32(p => p.name.EndsWith(".bias"));
/// using var optimizer = new Adam8bit(model.named_parameters(), options: options);
/// </code>
/// A <see cref="StableEmbedding"/> needs no such call: its weight's states are float32 in every optimizer.
/// </remarks>
public sealed record TorchOptions
{
    /// <summary>Tensors with fewer elements keep their states in float32; 4096 by default. 0 quantizes every tensor,
    /// <see cref="long.MaxValue"/> none.</summary>
    public long MinQuantizedLength { get; init; } = new OptimizerOptions().MinQuantizedLength;

    /// <summary>Elements that share one absmax: a multiple of 16 from 16 to 4096. The rule's own when null.</summary>
    public int? BlockSize { get; init; }

    /// <summary>What happens when an element of a gradient is NaN or infinite. A step is skipped, or throws, for all
    /// parameter groups together.</summary>
    public NonFinitePolicy NonFinite { get; init; } = NonFinitePolicy.SkipElement;

    /// <summary>The largest Euclidean norm of the gradients of all parameter groups together; null for any. The step
    /// clips as <c>clip_grad_norm_</c> does, inside its kernels: gradients in memory stay as they
    /// are. Above 0.</summary>
    public float? MaxGradientNorm { get; init; }

    /// <summary>How new bfloat16 parameters are rounded; to nearest by default, which loses updates below half the
    /// distance to the next bfloat16. float32 parameters are not rounded; float16 ones are refused with
    /// <see cref="ParameterRounding.Stochastic"/>.</summary>
    public ParameterRounding Rounding { get; init; }

    /// <summary>Whether bfloat16 parameters have float32 master weights; none by default.
    /// <see cref="Requant.MasterWeights.Remainder16"/> trains as a float32 parameter would, bit for bit, for 2 bytes an
    /// element: <see cref="TorchOptimizer{TRule}.MasterWeightsOf"/> gives the values. Not together with
    /// <see cref="ParameterRounding.Stochastic"/>; float32 parameters need none, float16 ones are refused.</summary>
    public MasterWeights MasterWeights { get; init; }

    /// <summary>Which codecs states are stored by; as the rule declares by default. States that a rule declares
    /// <see cref="Codec.Float32"/> stay so.</summary>
    public StateCodecs Codecs { get; init; }

    /// <summary>Which of the two codes around a new state value is stored, for all quantized states; each as the rule
    /// declares when null. <see cref="Requant.StateRounding.Stochastic"/> keeps slow averages moving, as those of a
    /// large beta2, at the cost of some noise.</summary>
    public StateRounding? StateRounding { get; init; }

    /// <summary>Seed of the random bits of <see cref="ParameterRounding.Stochastic"/> and
    /// <see cref="Requant.StateRounding.Stochastic"/>; any number, 0 by default. States that are saved have it:
    /// <see cref="TorchOptimizer{TRule}.RoundingSeed"/>. Elements of parameters of one name, and of a state of theirs,
    /// take the same bits in the same step.</summary>
    public ulong RoundingSeed { get; init; }

    /// <summary>Where states of parameters on a GPU live: there, when null; in host memory with
    /// <see cref="DeviceType.CPU"/>, for a GPU that has no room for them. A step then copies gradients and parameters
    /// to the host, updates them with the CPU's kernels and copies parameters back, tensor by tensor, so that
    /// copies and updates overlap; its bits are those of the CPU. Tensors below <see cref="MinQuantizedLength"/>
    /// elements stay on the GPU. Parameters on the CPU have their states there in any case.</summary>
    public DeviceType? StatesOn { get; init; }

    /// <summary>The most threads that a step uses; <c>torch.get_num_threads()</c> when null.</summary>
    public int? MaxThreads { get; init; }

    /// <summary>Who multiplies the matrices of rules such as <see cref="Muon8bit"/> on the CPU: Requant, whose bits are
    /// the same everywhere, or libtorch.</summary>
    public MatrixProduct MatrixProduct { get; init; }

    internal IReadOnlyList<Float32Choice> Float32Choices { get; private init; } = [];

    /// <summary>These options, and float32 states for the parameters of these names.</summary>
    /// <param name="names">As given with <c>named_parameters()</c>. A name that no parameter of the optimizer's
    /// constructor has is an error there.</param>
    /// <exception cref="ArgumentNullException">The names, or one of them, are null.</exception>
    public TorchOptions KeepFloat32(params string[] names) =>
        With(Required(names, nameof(names)).Select(Float32Choice (name) => new Float32Name(name)));

    /// <summary>These options, and float32 states for the parameters of these modules and of all within them.</summary>
    /// <param name="modules">Modules of the model. One that has none of the parameters of the optimizer's constructor
    /// is an error there.</param>
    /// <exception cref="ArgumentNullException">The modules, or one of them, are null.</exception>
    public TorchOptions KeepFloat32(params nn.Module[] modules) =>
        With(Required(modules, nameof(modules)).Select(Float32Choice (module) => new Float32Module(module)));

    /// <summary>These options, and float32 states for the parameters that a predicate selects, also those of groups
    /// that are added later.</summary>
    /// <param name="predicate">Called once for each parameter. Without <c>named_parameters()</c> names are <c>parameter
    /// 0</c> and so on; to select nothing then is an error of the optimizer's constructor.</param>
    /// <exception cref="ArgumentNullException">The predicate is null.</exception>
    public TorchOptions KeepFloat32(Func<(string name, Parameter parameter), bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return With([new Float32Predicate(predicate)]);
    }

    /// <exception cref="ArgumentOutOfRangeException">States cannot live there.</exception>
    internal void RequireStatesOn()
    {
        if (StatesOn is not (null or DeviceType.CPU))
        {
            throw new ArgumentOutOfRangeException(nameof(StatesOn), StatesOn,
                $"States are where their parameter is, with null, or in host memory, with {DeviceType.CPU}.");
        }
    }

    internal OptimizerOptions ToOptimizerOptions() => new()
    {
        MinQuantizedLength = MinQuantizedLength,
        BlockSize = BlockSize,
        NonFinite = NonFinite,
        MaxGradientNorm = MaxGradientNorm,
        Rounding = Rounding,
        MasterWeights = MasterWeights,
        RoundingSeed = RoundingSeed,
        Codecs = Codecs,
        StateRounding = StateRounding,
        MaxThreads = MaxThreads ?? TorchSharp.torch.get_num_threads(),
        Orthogonalizer = MatrixProduct switch
        {
            MatrixProduct.Exact => null,
            MatrixProduct.Torch => TorchProduct.Orthogonalize,
            _ => throw new ArgumentOutOfRangeException(
                nameof(MatrixProduct), MatrixProduct,
                $"The choices are {string.Join(", ", Enum.GetNames<MatrixProduct>())}."),
        },
    };

    private TorchOptions With(IEnumerable<Float32Choice> choices) =>
        this with { Float32Choices = [.. Float32Choices, .. choices] };

    private static T[] Required<T>(T[] values, string argument)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(values, argument);
        Array.ForEach(values, value => ArgumentNullException.ThrowIfNull(value, argument));
        return values;
    }
}
