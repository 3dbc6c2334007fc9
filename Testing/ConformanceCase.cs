namespace Requant.Testing;

/// <summary>Tensors, how their states are kept, and what their gradients are like.</summary>
/// <param name="Lengths">Elements of each tensor.</param>
/// <param name="BlockSize">Elements that share one absmax; the rule's own when null.</param>
/// <param name="IsQuantized">Whether states are stored by their codecs; otherwise all are float32.</param>
/// <param name="Gradients">What the gradients are like.</param>
/// <param name="Steps">Updates of each tensor.</param>
/// <param name="Seed">Seed of the data.</param>
public sealed record ConformanceCase(
    IReadOnlyList<int> Lengths, int? BlockSize, bool IsQuantized, GradientKind Gradients, int Steps, int Seed)
{
    /// <summary>Options of an optimizer that keeps states as this case asks; the backend adds its own.</summary>
    public OptimizerOptions Options => new()
    {
        BlockSize = BlockSize,
        MinQuantizedLength = IsQuantized ? 0 : long.MaxValue,
    };

    /// <summary>Parameters before the first step, a fresh copy: float32[<c>Lengths[tensor]</c>].</summary>
    /// <param name="tensor">Position in <see cref="Lengths"/>.</param>
    public float[] Parameters(int tensor) => HardData.Parameters(Lengths[tensor], Seed);

    /// <summary>Gradient of one step: float32[<c>Lengths[tensor]</c>].</summary>
    /// <param name="tensor">Position in <see cref="Lengths"/>.</param>
    /// <param name="step">1 for the first update.</param>
    public float[] Gradient(int tensor, int step) => HardData.Gradient(Gradients, Lengths[tensor], Seed + step);

    /// <summary>Block size, storage and gradients, in words.</summary>
    public override string ToString() =>
        $"{(BlockSize is int size ? $"blocks of {size}" : "the rule's own blocks")}, " +
        $"{(IsQuantized ? "quantized" : "float32")} states, {Gradients.ToString().ToLowerInvariant()} gradients";
}

/// <summary>What the gradients of a case are like.</summary>
public enum GradientKind
{
    /// <summary>Normally distributed around 0 with deviation 0.01, and 0 for whole stretches.</summary>
    Plain,

    /// <summary>Eleven orders of magnitude, among them zeros, denormals, repeated values and, every 97th, one that is not
    /// finite.</summary>
    Mixed,

    /// <summary>Stretches of 64 elements of one nature each: zeros of both signs, denormals, the smallest normal numbers, ratios of 1 to
    /// 1e40 side by side, powers of two, numbers whose squares overflow, and nothing finite at all.</summary>
    Extreme,
}
