namespace Requant.Distributed;

/// <summary>How ranks share the work of a step.</summary>
public sealed record ShardingOptions
{
    /// <summary>How the gradients of all ranks are combined; the mean by default, as in data parallel
    /// training.</summary>
    public GradientReduction Reduction { get; init; } = GradientReduction.Mean;

    /// <summary>Bytes of each of the two buffers that gradients of other ranks come into; 32 MiB by default, and at
    /// least 64 KiB whatever is said here. Where a rank's share would be below 64 KiB, only as many ranks as the buffer
    /// has room for send at a time.</summary>
    public long BucketBytes { get; init; } = 32 << 20;

    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(BucketBytes);
        if (!Enum.IsDefined(Reduction))
        {
            throw new ArgumentOutOfRangeException(nameof(Reduction), Reduction, "There is no such reduction.");
        }
    }
}

/// <summary>How gradients of one element on several ranks are combined. They are added in float32, in the order of
/// ranks, and the result is rounded once to the gradient's type.</summary>
public enum GradientReduction
{
    /// <summary>Their sum, divided by the number of ranks.</summary>
    Mean,

    /// <summary>Their sum.</summary>
    Sum,
}
