using Requant.CompilerServices;
using Requant.Numerics;

namespace Requant.Testing;

/// <summary>What <see cref="RuleConformance"/> runs.</summary>
/// <remarks>
/// The full product of these dimensions takes minutes for one rule. Unless <see cref="EveryCombination"/> asks for it,
/// a rule meets:
/// <list type="bullet">
/// <item><description>with the first of <see cref="ElementTypes"/>: every block size, with quantized and with float32
/// states, in all lengths. Quantized states meet every <see cref="GradientKind"/>, float32 states one for
/// each block size;</description></item>
/// <item><description>each of the other element types with quantized and with float32 states, in the lengths up to two
/// blocks; block sizes and gradients take turns;</description></item>
/// <item><description>each pair with bfloat16 parameters once more, with stochastic rounding, and once with
/// <see cref="MasterWeights.Remainder16"/>;</description></item>
/// <item><description>where it has states with codecs, each of the other <see cref="StateFormats"/>, in the lengths up
/// to two blocks, block
/// sizes and gradients in turn; one that rounds stochastically also with parameters that do.</description></item>
/// </list>
/// Backends that are slow (<see cref="IConformanceBackend.IsSlow"/>) take milliseconds for a block. Tensors of more
/// than five blocks are cut to one element less than three blocks there, gradients are <see cref="GradientKind.Mixed"/>
/// or <see cref="GradientKind.Extreme"/> in turn, and each of the other element types, and stochastic rounding, meets
/// one storage, in the shortest and longest of its lengths,
/// as the other formats of states do.
/// Where a rule runs with several settings of its <c>bool</c> hyperparameters, those after the first do without the
/// other element types,
/// stochastic rounding, remainders and other formats, and slow backends take one block size for each, in turn.
/// </remarks>
public sealed record ConformanceOptions
{
    /// <summary>Elements of the tensors; 0 or more each. Those over 16 384 run with the rule's own block size and
    /// <see cref="GradientKind.Mixed"/>, and not on slow backends: they give two threads something to share.</summary>
    public IReadOnlyList<int> Lengths { get; init; } = [0, 1, 10_007, 40_009];

    /// <summary>Elements of further tensors, counted from one block: -1 is a block less one element. Where a rule's
    /// states differ in block size, a block is the least common multiple of the sizes.</summary>
    public IReadOnlyList<int> LengthsAroundBlock { get; init; } = [-1, 0, 1];

    /// <summary>Block sizes in elements, beside the rule's own: multiples of 16 from 16 to 4096.</summary>
    public IReadOnlyList<int> BlockSizes { get; init; } = [16, 64, 256, 2048];

    /// <summary>Types of parameters and gradients; the first pair meets everything, the others a part of it. All nine
    /// pairs by default, float32 for both first.</summary>
    public IReadOnlyList<(ElementType Parameter, ElementType Gradient)> ElementTypes { get; init; } =
    [
        .. from parameter in Enum.GetValues<ElementType>()
           from gradient in Enum.GetValues<ElementType>()
           select (parameter, gradient),
    ];

    /// <summary>How quantized states are stored and rounded; the first meets everything, the others a part of it. As
    /// the rule declares, with
    /// stochastic rounding, and as MiniFloat with both by default; none of <see cref="StateCodecs.Float32"/>, which is
    /// always
    /// met.</summary>
    public IReadOnlyList<StateFormat> StateFormats { get; init; } =
    [
        StateFormat.Declared, new(StateCodecs.Declared, StateRounding.Stochastic),
        new(StateCodecs.MiniFloat, StateRounding.Nearest),
        new(StateCodecs.MiniFloat, StateRounding.Stochastic),
    ];

    /// <summary>Whether to run every combination of block sizes, storage, gradients and element types, in all lengths;
    /// false by default.</summary>
    public bool EveryCombination { get; init; }

    /// <summary>What steps multiply gradients by, finite: <see cref="Optimizer{TRule}.GradientScale"/>; 1 by
    /// default.</summary>
    public float GradientScale { get; init; } = 1f;

    /// <summary>What happens where a gradient is not finite: anything but <see cref="NonFinitePolicy.Throw"/>; elements
    /// are skipped by default.</summary>
    public NonFinitePolicy NonFinite { get; init; }

    /// <summary>The largest norm of a step's gradients: <see cref="OptimizerOptions.MaxGradientNorm"/>;
    /// null for any.</summary>
    public float? MaxGradientNorm { get; init; }

    /// <summary>Updates of each tensor; 1 or more, 3 by default.</summary>
    public int Steps { get; init; } = 3;

    /// <summary>Seed of the data; the same seed gives the same data.</summary>
    public int Seed { get; init; } = 20241;

    /// <summary>What is compared with the scalar kernels; <see cref="ConformanceBackends.OfThisMachine"/> when null.
    /// The caller keeps and disposes what it passes.</summary>
    public IReadOnlyList<IConformanceBackend>? Backends { get; init; }

    /// <summary>Throws unless every option has a usable value.</summary>
    internal void Validate()
    {
        RequireLengths();
        ArgumentNullException.ThrowIfNull(LengthsAroundBlock);
        RequireElementTypes();
        RequireStateFormats();
        ArgumentNullException.ThrowIfNull(BlockSizes);
        foreach (int size in BlockSizes)
        {
            if (size is < 16 or > 4096 || size % 16 != 0)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(BlockSizes), size, "A block size is a multiple of 16 from 16 to 4096.");
            }
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(Steps, 1);
        if (NonFinite == NonFinitePolicy.Throw)
        {
            throw new ArgumentException(
                "Cases with gradients that are not finite would throw, as they are asked to; "
                + "take SkipStep, which measures the same.",
                nameof(NonFinite));
        }

        if (Backends is { Count: 0 })
        {
            throw new ArgumentException(
                "There is no backend to compare; leave it null for those of this machine.", nameof(Backends));
        }
    }

    private void RequireLengths()
    {
        ArgumentNullException.ThrowIfNull(Lengths);
        foreach (int length in Lengths)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(length, nameof(Lengths));
        }

        if (Lengths.Count == 0)
        {
            throw new ArgumentException($"{nameof(Lengths)} is empty; give at least one length.", nameof(Lengths));
        }
    }

    private void RequireElementTypes()
    {
        ArgumentNullException.ThrowIfNull(ElementTypes);
        foreach ((ElementType parameter, ElementType gradient) in ElementTypes)
        {
            if (!Enum.IsDefined(parameter) || !Enum.IsDefined(gradient))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(ElementTypes), (parameter, gradient), "Both must be values of the enumeration ElementType.");
            }
        }

        if (ElementTypes.Count == 0)
        {
            throw new ArgumentException(
                $"{nameof(ElementTypes)} is empty; give at least one pair of types.", nameof(ElementTypes));
        }
    }

    private void RequireStateFormats()
    {
        ArgumentNullException.ThrowIfNull(StateFormats);
        foreach (StateFormat format in StateFormats)
        {
            if (!format.IsQuantized
                || !Enum.IsDefined(format.Codecs)
                || (format.Rounding is StateRounding rounding && !Enum.IsDefined(rounding)))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(StateFormats), format,
                    "A format has defined codecs, and others than float32, with which every rule is run anyway.");
            }
        }

        if (StateFormats.Count == 0)
        {
            throw new ArgumentException(
                $"{nameof(StateFormats)} is empty; give at least one format.", nameof(StateFormats));
        }
    }
}
