namespace Requant;

/// <summary>Marks a <c>ref float</c> parameter of a rule as a per-element state that is kept quantized and starts at 0.</summary>
/// <param name="codec">How the state's values are stored.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class StateAttribute(Codec codec = Codec.Dynamic) : Attribute
{
    /// <summary>Block size used when none is given, in elements.</summary>
    public const int DefaultBlockSize = 256;

    /// <summary>How the state's values are stored.</summary>
    public Codec Codec { get; } = codec;

    /// <summary>Elements that share one absmax: a multiple of 16 from 16 to 4096. States of one rule may differ; the least
    /// common multiple of their sizes is at most 4096.</summary>
    public int BlockSize { get; set; } = DefaultBlockSize;

    /// <summary>Which of the two codes around a new value is stored; the nearest by default. A slow average, as a second moment is, needs
    /// <see cref="StateRounding.Stochastic"/> to follow gradients that become smaller.</summary>
    public StateRounding Rounding { get; set; }
}
