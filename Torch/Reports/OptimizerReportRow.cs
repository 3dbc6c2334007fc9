using static TorchSharp.torch;

namespace Requant.Torch;

/// <summary>One state of one parameter.</summary>
public sealed record OptimizerReportRow
{
    /// <summary>The parameter's name.</summary>
    public required string Parameter { get; init; }

    /// <summary>The parameter's shape.</summary>
    public required IReadOnlyList<long> Shape { get; init; }

    /// <summary>The parameter's element type, which is not its states'.</summary>
    public required ScalarType Type { get; init; }

    /// <summary>The state's name in the rule; null where nothing is kept for the parameter.</summary>
    public string? State { get; init; }

    /// <summary>Bits of an element of the state: 8 for codes, 16 for a remainder, 32 for float32, 0 where nothing is
    /// kept. The blocks'
    /// absmax, 32 bits for each block, are in <see cref="StateBytes"/> alone.</summary>
    public int Bits { get; init; }

    /// <summary>How the state is stored; null for a remainder, and where nothing is kept.</summary>
    public Codec? Codec { get; init; }

    /// <summary>Which of the two codes around a new value is stored; null for a state that is not quantized.</summary>
    public StateRounding? Rounding { get; init; }

    /// <summary>Elements that share one absmax; null for a state that is not quantized.</summary>
    public int? BlockSize { get; init; }

    /// <summary>Memory of the state, in bytes, absmax included.</summary>
    public long StateBytes { get; init; }

    /// <summary>What the state would take in float32, in bytes; for a remainder what a float32 copy of the
    /// parameter would.</summary>
    public long Float32Bytes { get; init; }

    /// <summary>How inexact the stored state can be: the sum over its elements of the farthest that the stored value
    /// can be from the value that was encoded, divided by the sum of stored magnitudes. 0.01 is 1 % of the state's mean
    /// magnitude. Null for float32, which is exact, and for a state of zeros.</summary>
    /// <remarks>
    /// The value that was encoded is not kept, so its distance cannot be known, but the code bounds it: the nearest
    /// code is that of a value at most half way to a neighbour, and one that was rounded to stochastically of a value
    /// between its neighbours, times the block's absmax. The bound is exact up to the rounding of float32. It is of the
    /// last step's encoding alone, not of what the errors of earlier steps have added up to; where values are spread
    /// evenly between codes, their mean distance is about half of it. A negative value in an unsigned codec, which is a
    /// mistake in the rule, is not bounded by it.
    /// </remarks>
    public double? ErrorBound { get; init; }
}
