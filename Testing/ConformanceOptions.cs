namespace Requant.Testing;

/// <summary>What <see cref="RuleConformance"/> runs.</summary>
public sealed record ConformanceOptions
{
    /// <summary>Elements of the tensors; 0 or more each. The defaults lie around the widths of vectors and blocks; the longest gives
    /// two threads something to share.</summary>
    public IReadOnlyList<int> Lengths { get; init; } = [0, 1, 15, 16, 17, 255, 256, 257, 4099, 70_001];

    /// <summary>Elements of the tensors for backends that are slow (<see cref="IConformanceBackend.IsSlow"/>); 0 or more
    /// each.</summary>
    public IReadOnlyList<int> ShortLengths { get; init; } = [0, 1, 31, 255, 257, 700];

    /// <summary>Block sizes in elements, beside the rule's own: multiples of 16 from 16 to 4096. Slow backends run the rule's own and
    /// the first one of these.</summary>
    public IReadOnlyList<int> BlockSizes { get; init; } = [16, 64, 256, 2048];

    /// <summary>Updates of each tensor; 1 or more, 3 by default.</summary>
    public int Steps { get; init; } = 3;

    /// <summary>Seed of the data; the same seed gives the same data.</summary>
    public int Seed { get; init; } = 20241;

    /// <summary>What is compared with the scalar kernels; <see cref="ConformanceBackends.OfThisMachine"/> when null. The caller keeps
    /// and disposes what it passes.</summary>
    public IReadOnlyList<IConformanceBackend>? Backends { get; init; }

    /// <summary>Throws unless every option has a usable value.</summary>
    internal void Validate()
    {
        RequireLengths(Lengths, nameof(Lengths));
        RequireLengths(ShortLengths, nameof(ShortLengths));
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
        if (Backends is { Count: 0 })
        {
            throw new ArgumentException("There is no backend to compare; leave it null for those of this machine.", nameof(Backends));
        }
    }

    private static void RequireLengths(IReadOnlyList<int> lengths, string name)
    {
        ArgumentNullException.ThrowIfNull(lengths, name);
        foreach (int length in lengths)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(length, name);
        }

        if (lengths.Count == 0)
        {
            throw new ArgumentException($"{name} is empty; give at least one length.", name);
        }
    }
}
