using Requant.CompilerServices;
using Requant.Numerics;

namespace Requant.Testing;

/// <summary>Chooses cases. The product of all options is thousands of them, and most differ from one of the others in
/// nothing that a kernel could see; <see cref="ConformanceOptions"/> says what is left.</summary>
/// <param name="options">What a rule is to meet.</param>
/// <param name="ownBlockSize">Elements of the rule's own block.</param>
/// <param name="rule">The rule.</param>
internal sealed class CaseSelection(ConformanceOptions options, int ownBlockSize, RuleInfo rule)
{
    /// <summary>Longer tensors are there for the threads, which share chunks of 16 384 elements.</summary>
    private const int LongLength = 16 * 1024;

    /// <summary>Slow backends take milliseconds for a block, whatever its size.</summary>
    private const int SlowBlocks = 5;

    /// <summary>Kinds of shapes.</summary>
    private const int ShapeKinds = 7;

    /// <summary>Rows or columns of a matrix that has few of them; no divisor of a block.</summary>
    private const int FewLines = 7;

    /// <summary>Elements of a tensor that are enough for each kind.</summary>
    private const int SmallestMatrix = 4 * FewLines;

    /// <summary>Of longer tensors: whole blocks, and a ragged one.</summary>
    private const int CutBlocks = 3;

    private static readonly GradientKind[] Kinds = Enum.GetValues<GradientKind>();
    private static readonly bool[] Storages = [true, false];

    /// <summary>How new parameters of bfloat16 are stored.</summary>
    private static readonly (ParameterRounding Rounding, MasterWeights Weights)[] Stored =
    [
        (ParameterRounding.Nearest, MasterWeights.None), (ParameterRounding.Stochastic, MasterWeights.None),
        (ParameterRounding.Nearest, MasterWeights.Remainder16),
    ];

    /// <summary>The rule's own, which is null, then those of the options that differ from it.</summary>
    private readonly int?[] _sizes =
    [
        null,
        .. options.BlockSizes.Distinct()
            .Where(size => size != ownBlockSize).Select(size => (int?)size),
    ];

    private readonly (ElementType Parameter, ElementType Gradient)[] _types = [.. options.ElementTypes.Distinct()];

    /// <summary>The first alone where there are no codecs to choose.</summary>
    private readonly StateFormat[] _formats =
        [
            .. options.StateFormats.Distinct()
                .Take(rule.States.Any(state => state.Codec != Codec.Float32) ? int.MaxValue : 1),
        ];

    /// <summary>The cases of a backend.</summary>
    /// <param name="isSlow">Whether it is slow.</param>
    /// <param name="setting">Which setting of the hyperparameters, from 0. They change what is computed, not how blocks
    /// are read and written: settings after the first do without the other element types.</param>
    public IEnumerable<ConformanceCase> For(bool isSlow, int setting)
    {
        IEnumerable<ConformanceCase> cases = (options.EveryCombination, setting) switch
        {
            (true, _) => Product(isSlow),
            (_, 0) => Enumerable.Range(0, _sizes.Length).SelectMany(size => Main(size, isSlow))
                .Concat(OtherTypes(isSlow)).Concat(RoundedStochastically(isSlow)).Concat(WithRemainders(isSlow))
                .Concat(OtherFormats(isSlow)),
            _ when isSlow => Main(setting % _sizes.Length, isSlow),
            _ => Enumerable.Range(0, _sizes.Length).SelectMany(size => Main(size, isSlow)),
        };
        return cases.Where(one => one.Lengths.Count > 0);
    }

    private IEnumerable<ConformanceCase> Product(bool isSlow) =>
        from size in _sizes
        from isQuantized in Storages
        from kind in Kinds
        from types in _types
        from stored in types.Parameter == ElementType.BFloat16 ? Stored : Stored[..1]
        from format in isQuantized ? _formats : _formats[..1]
        select Case(size, isQuantized, kind, types, Lengths(size, kind, isSlow)) with
        {
            Rounding = stored.Rounding,
            MasterWeights = stored.Weights,
            States = format,
        };

    /// <summary>The first element types and one block size: every storage.</summary>
    private IEnumerable<ConformanceCase> Main(int index, bool isSlow) =>
        from isQuantized in Storages
        from kind in MainKinds(index, isQuantized, isSlow)
        select Case(_sizes[index], isQuantized, kind, _types[0], Lengths(_sizes[index], kind, isSlow));

    /// <summary>Codecs meet every kind of gradients; float32 states one for each block size. Slow backends meet a hard
    /// kind, and in the rule's own block size plain ones too: a device takes a whole block in one go only where all of
    /// it is finite.</summary>
    private static GradientKind[] MainKinds(int index, bool isQuantized, bool isSlow) => (isSlow, isQuantized) switch
    {
        (true, _) => index == 0
            ? [HardKind(isQuantized ? 0 : 1), GradientKind.Plain]
            : [HardKind(isQuantized ? index : index + 1)],
        (_, true) => Kinds,
        _ => [Kinds[(index + 1) % Kinds.Length]],
    };

    /// <summary>The other element types: each with both storages, or one on slow backends, and block sizes in turn. The
    /// kernel between the loads and the stores is the same.</summary>
    private IEnumerable<ConformanceCase> OtherTypes(bool isSlow) =>
        from index in Enumerable.Range(0, _types.Length - 1)
        from isQuantized in Storages
        where !isSlow || isQuantized == (index % 2 == 0)
        let turn = ((index + 1) / 2) + (isQuantized ? 0 : 1)
        let size = _sizes[turn % _sizes.Length]
        let kind = Kinds[(index + turn) % Kinds.Length]
        select Case(size, isQuantized, kind, _types[index + 1], FewLengths(size, kind, isSlow));

    /// <summary>Parameters of bfloat16 once more, with both storages, or one on slow backends. Plain gradients are
    /// there for devices, which take a whole block in one go only where all of it is finite.</summary>
    private IEnumerable<ConformanceCase> RoundedStochastically(bool isSlow) =>
        from index in Enumerable.Range(0, _types.Length)
        where _types[index].Parameter == ElementType.BFloat16
        from isQuantized in Storages
        where !isSlow || isQuantized == (index % 2 == 0)
        let size = isQuantized ? null : _sizes[index % _sizes.Length]
        let kind = isQuantized ? GradientKind.Plain : GradientKind.Mixed
        select Case(size, isQuantized, kind, _types[index], FewLengths(size, kind, isSlow)) with
        {
            Rounding = ParameterRounding.Stochastic,
        };

    /// <summary>Parameters of bfloat16 with remainders, as they are rounded stochastically; slow backends take one of
    /// the pairs.</summary>
    private IEnumerable<ConformanceCase> WithRemainders(bool isSlow) =>
        from one in RoundedStochastically(isSlow).Take(isSlow ? 1 : int.MaxValue)
        select one with { Rounding = ParameterRounding.Nearest, MasterWeights = MasterWeights.Remainder16 };

    /// <summary>The other formats of states: with the rule's own blocks plain gradients, which devices take in one go,
    /// and with another size hard
    /// ones. Where both states and parameters are rounded stochastically, one key is behind both.</summary>
    private IEnumerable<ConformanceCase> OtherFormats(bool isSlow) =>
        from index in Enumerable.Range(1, _formats.Length - 1)
        from isPlain in Storages
        let size = isPlain ? null : _sizes[index % _sizes.Length]
        let kind = isPlain ? GradientKind.Plain : HardKind(index)
        from types in RoundedTypes(_formats[index], isPlain).Prepend(_types[0])
        select Case(size, true, kind, types, FewLengths(size, kind, isSlow)) with
        {
            States = _formats[index],
            Rounding = types == _types[0] ? ParameterRounding.Nearest : ParameterRounding.Stochastic,
        };

    private IEnumerable<(ElementType Parameter, ElementType Gradient)> RoundedTypes(StateFormat format, bool isPlain) =>
        _types.Skip(1).Where(types => types.Parameter == ElementType.BFloat16)
            .Take(format.Rounding == StateRounding.Stochastic && isPlain ? 1 : 0);

    private static GradientKind HardKind(int index) => index % 2 == 0 ? GradientKind.Mixed : GradientKind.Extreme;

    private ConformanceCase Case(
        int? size, bool isQuantized, GradientKind kind, (ElementType Parameter, ElementType Gradient) types,
        IReadOnlyList<int> lengths)
    {
        long[][]? shapes = rule.ReadsShape ? [.. lengths.Select(Shape)] : null;
        return new(
            shapes is null ? lengths : [.. shapes.Select(Elements)], size, isQuantized, kind, options.Steps,
            options.Seed)
        {
            Shapes = shapes,
            States = options.StateFormats[0],
            ParameterType = types.Parameter,
            GradientType = types.Gradient,
            GradientScale = options.GradientScale,
            NonFinite = options.NonFinite,
            MaxGradientNorm = options.MaxGradientNorm,
        };
    }

    private static int Elements(long[] shape) => (int)shape.Aggregate(1L, (product, one) => product * one);

    /// <summary>Vectors and matrices in turn, of about as many elements: flat ones and tall ones, one of three
    /// dimensions, a single row and a single column.</summary>
    private static long[] Shape(int length, int tensor)
    {
        int side = (int)Math.Sqrt(length);
        return length < SmallestMatrix ? [length] : (tensor % ShapeKinds) switch
        {
            0 => [side, length / side],
            1 => [FewLines, length / FewLines],
            2 => [length],
            3 => [length / FewLines, FewLines],
            4 => [FewLines, 2, length / (2 * FewLines)],
            5 => [1, length],
            _ => [length, 1],
        };
    }

    private int[] Lengths(int? size, GradientKind kind, bool isSlow)
    {
        int block = size ?? ownBlockSize;
        IEnumerable<int> lengths = options.Lengths
            .Concat(options.LengthsAroundBlock.Select(offset => block + offset).Where(length => length >= 0))
            .Where(length => length <= LongLength || (size is null && kind == GradientKind.Mixed && !isSlow));
        return [.. lengths.Select(length => isSlow && length > SlowBlocks * block ? (CutBlocks * block) - 1 : length)
            .Distinct()];
    }

    /// <summary>Up to two blocks; of these slow backends get the shortest and the longest.</summary>
    private int[] FewLengths(int? size, GradientKind kind, bool isSlow)
    {
        int[] few = [.. Lengths(size, kind, isSlow).Where(length => length <= 2 * (size ?? ownBlockSize))];
        return isSlow && few.Length > 2 ? [few.Min(), few.Max()] : few;
    }
}
