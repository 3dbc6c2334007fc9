using System.ComponentModel;

namespace Requant;

/// <summary>Marks a <c>ref float</c> parameter of a rule as a per-element state that is kept quantized and starts at 0.
/// Its block size is the rule's (<see cref="OptimizerRuleAttribute.BlockSize"/>) or the optimizer's.</summary>
/// <param name="codec">How the state's values are stored.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class StateAttribute(Codec codec = Codec.Dynamic) : Attribute
{
    /// <summary>How the state's values are stored.</summary>
    public Codec Codec { get; } = codec;

    /// <summary>No state has a block size of its own: the generator says to write the rule's,
    /// <see cref="OptimizerRuleAttribute.BlockSize"/>.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public int BlockSize { get; set; }

    /// <summary>Which of the two codes around a new value is stored; the nearest by default. A slow average, as a
    /// second moment is, needs <see cref="StateRounding.Stochastic"/> to follow gradients that
    /// become smaller.</summary>
    public StateRounding Rounding { get; set; }
}
