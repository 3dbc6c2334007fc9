using Requant.Bench.Gpu.Rules;
using Requant.CompilerServices;
using Requant.Testing;

namespace Requant.Bench.Gpu.Check;

/// <summary>Tensors for checks, and their data: the hard values of the conformance tests. Images are made once for each
/// type and kept, as every rule starts from the same.</summary>
/// <param name="name">As in tables.</param>
/// <param name="lengths">Elements of each tensor.</param>
/// <param name="minQuantized">Shorter tensors keep float32 states in a check of 8-bit ones.</param>
/// <param name="seed">Seed of the data.</param>
internal sealed class CheckModel(string name, int[] lengths, int minQuantized, int seed)
{
    /// <summary>Steps of a check: the second is the first one from states that are not 0.</summary>
    public const int Steps = 3;

    /// <summary>The longest of the ragged tensors.</summary>
    public const int LongestRagged = 1 << 17;

    /// <summary>Ragged tensors below this keep float32 states, so that one step launches both
    /// kinds of kernels.</summary>
    private const int RaggedMinQuantized = 16;

    private const int Seed = 20;

    /// <summary>No power of two, so that products are rounded.</summary>
    private const float Third = 1f / 3f;
    private const int RaggedSeed = 40;

    /// <summary>Lengths around those that kernels treat in other ways.</summary>
    private static readonly int[] Edges = [1, 2, 7, 8, 9, 15, 16, 255, 256, 257, 4095, 4096, 4097];

    private readonly Dictionary<ElementType, TensorImage> _parameters = [];
    private readonly Dictionary<(ElementType Type, int Step), TensorImage> _gradients = [];

    /// <summary>As in tables.</summary>
    public string Name { get; } = name;

    /// <summary>Elements of each tensor.</summary>
    public IReadOnlyList<int> Lengths { get; } = lengths;

    /// <summary>Elements of all tensors.</summary>
    public long Elements { get; } = lengths.Sum(length => (long)length);

    /// <summary>Shorter tensors keep float32 states in a check of 8-bit ones.</summary>
    public int MinQuantized { get; } = minQuantized;

    /// <summary>What steps multiply gradients by.</summary>
    public float GradientScale { get; private init; } = 1f;

    /// <summary>The largest norm of a step's gradients, or null.</summary>
    public float? MaxGradientNorm { get; private init; }

    /// <summary>What happens where a gradient is not finite. With <see cref="NonFinitePolicy.SkipStep"/> only the
    /// second step has such gradients.</summary>
    public NonFinitePolicy NonFinite { get; private init; }

    /// <summary>One tensor.</summary>
    public static CheckModel One(int elements, string name = "one") => new(name, [elements], 0, Seed);

    /// <summary>Tensors of lengths from 1 on, as many short as long ones by orders of magnitude.</summary>
    /// <param name="tensors">Their number.</param>
    /// <param name="longest">At most this many elements each.</param>
    public static CheckModel Ragged(int tensors, int longest)
    {
        var random = new Random(RaggedSeed);
        int[] lengths =
        [
            .. Edges.Where(length => length <= longest).Take(tensors),
            .. Enumerable.Range(0, tensors).Select(_ => (int)Math.Pow(longest, random.NextDouble())),
        ];
        return new CheckModel("ragged", lengths[..tensors], RaggedMinQuantized, RaggedSeed);
    }

    /// <summary>Ragged tensors whose gradients are scaled and clipped, and elements skipped.</summary>
    /// <param name="tensors">As for <see cref="Ragged"/>.</param>
    /// <param name="longest">As for <see cref="Ragged"/>.</param>
    public static CheckModel Clipped(int tensors, int longest) =>
        new("clipped", [.. Ragged(tensors, longest).Lengths], RaggedMinQuantized, RaggedSeed)
        {
            GradientScale = Third,
            MaxGradientNorm = 1e-3f,
        };

    /// <summary>Ragged tensors whose second step is skipped.</summary>
    /// <param name="tensors">As for <see cref="Ragged"/>.</param>
    /// <param name="longest">As for <see cref="Ragged"/>.</param>
    public static CheckModel Skipping(int tensors, int longest) => new(
        "skipping", [.. Ragged(tensors, longest).Lengths], RaggedMinQuantized, RaggedSeed)
    {
        GradientScale = Third,
        NonFinite = NonFinitePolicy.SkipStep,
    };

    /// <summary>Parameters before the first step.</summary>
    public TensorImage Parameters(ElementType type)
    {
        if (!_parameters.TryGetValue(type, out TensorImage? image))
        {
            // Every second tensor is off by an element, and so is every second pair of gradients: all four
            // combinations occur.
            image = new TensorImage(
                Lengths, ElementBits.SizeOf(type), tensor => tensor % 2 == 1,
                tensor => Case(tensor, type, step: 1).ParameterBytes(tensor));
            _parameters.Add(type, image);
        }

        return image;
    }

    /// <summary>Gradients of a step.</summary>
    /// <param name="type">What they are made of.</param>
    /// <param name="step">From 1.</param>
    public TensorImage Gradients(ElementType type, int step)
    {
        if (!_gradients.TryGetValue((type, step), out TensorImage? image))
        {
            image = new TensorImage(
                Lengths, ElementBits.SizeOf(type), tensor => tensor % 4 >= 2,
                tensor => Case(tensor, type, step).GradientBytes(tensor, step));
            _gradients.Add((type, step), image);
        }

        return image;
    }

    /// <summary>The gradient of one tensor as numbers.</summary>
    public float[] Gradient(ElementType type, int tensor, int step) => Case(tensor, type, step).Gradient(tensor, step);

    /// <summary>Options of both sides of a check.</summary>
    public OptimizerOptions Options(StateFormat states) => new()
    {
        MinQuantizedLength = states.IsQuantized ? MinQuantized : long.MaxValue,
        Codecs = states.Codecs,
        StateRounding = states.Rounding,
        MaxGradientNorm = MaxGradientNorm,
        NonFinite = NonFinite,
    };

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Lengths.Count} x {(Lengths.Count == 1 ? $"{Lengths[0]}" : $"1..{Lengths.Max()}")}";

    /// <summary>A single tensor has no extreme values, among them some whose sum of squares is infinite: where a rule
    /// has norms, all that follows from them would be NaN, and every NaN is as good as another.</summary>
    private ConformanceCase Case(int tensor, ElementType type, int step) =>
        new(Lengths, BlockSize: null, IsQuantized: true, KindOf(tensor, step), Steps, seed)
        {
            ParameterType = type,
            GradientType = type,
        };

    private GradientKind KindOf(int tensor, int step) => (NonFinite, step) switch
    {
        (NonFinitePolicy.SkipStep, not 2) => GradientKind.Plain,
        _ => tensor % 3 == 1 ? GradientKind.Extreme : GradientKind.Mixed,
    };
}
