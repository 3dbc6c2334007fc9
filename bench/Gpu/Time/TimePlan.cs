namespace Requant.Bench.Gpu.Time;

/// <summary>What is timed.</summary>
internal sealed record TimePlan
{
    private const long Gigabyte = 1L << 30;

    /// <summary>Elements of a model; fewer where memory is short.</summary>
    public long Elements { get; init; } = 1_000_000_000;

    /// <summary>Tensors of the models of many.</summary>
    public int Tensors { get; init; } = 500;

    /// <summary>Elements of each tensor of a model of small ones.</summary>
    public int SmallLength { get; init; } = 80 * 1024;

    /// <summary>Elements of each tensor of a model of tiny ones, whose time is that of launches and
    /// of the host.</summary>
    public int TinyLength { get; init; } = 4 * 1024;

    /// <summary>Steps before any is timed.</summary>
    public int WarmUp { get; init; } = 5;

    /// <summary>Steps timed.</summary>
    public int Runs { get; init; } = 30;

    /// <summary>Copies timed of each size.</summary>
    public int CopyRuns { get; init; } = 20;

    /// <summary>Sizes of copies; smaller ones where memory is short.</summary>
    public IReadOnlyList<long> CopyBytes { get; init; } = [Gigabyte, 2 * Gigabyte, 4 * Gigabyte];

    /// <summary>Whether the models of many short tensors are timed too.</summary>
    public bool HasSmall { get; init; } = true;

    /// <summary>The models for a number of elements that fits: one tensor, as many elements in many tensors, and the
    /// small ones with one tensor of the same total before them.</summary>
    /// <param name="elements">Elements of the large models.</param>
    public IEnumerable<TimeShape> Shapes(long elements)
    {
        yield return new TimeShape(1, elements);
        yield return new TimeShape(Tensors, Math.Max(1, elements / Tensors));
        if (HasSmall && SmallTotal <= elements)
        {
            yield return new TimeShape(1, SmallTotal);
            yield return new TimeShape(Tensors, SmallLength);
            yield return new TimeShape(Tensors, TinyLength);
        }
    }

    private long SmallTotal => (long)Tensors * SmallLength;
}

/// <summary>A model of equal tensors.</summary>
/// <param name="Tensors">Tensors.</param>
/// <param name="Elements">Elements of each.</param>
internal sealed record TimeShape(int Tensors, long Elements)
{
    /// <summary>Elements of all.</summary>
    public long Total => Tensors * Elements;

    /// <inheritdoc/>
    public override string ToString() => $"{Tensors} x {Elements}";
}
