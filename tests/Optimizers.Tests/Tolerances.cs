namespace Requant.Optimizers.Tests;

/// <summary>What may differ from float64, for reasons that lie in a rule's formula.</summary>
internal sealed record Tolerances
{
    public static readonly Tolerances Default = new();

    /// <summary>Relative to the update: about ten roundings of 6e-8, and 1 - 0.999f, which carries the rounding of
    /// 0.999f to 24 bits on to a value a thousand times smaller.</summary>
    public double Update { get; init; } = 3e-5;

    /// <summary>Relative to the tensor's largest update: where terms of opposite sign cancel, what is left has
    /// their rounding.</summary>
    public double Cancellation { get; init; } = 1e-6;

    /// <summary>Relative to the parameter: the rounding of the result.</summary>
    public double Result { get; init; } = 1.3e-7;

    /// <summary>Relative to the largest value that the state has had: its recurrence rounds a few
    /// times a step.</summary>
    public double State { get; init; } = 5e-6;

    /// <summary>Relative to the larger of the block's old and new absmax, which bounds the terms of the recurrence: a
    /// few roundings.</summary>
    public double Absmax { get; init; } = 2e-6;

    /// <summary>Relative to the largest value that a tensor state has had: float32 terms summed in float64, and as many
    /// roundings as an element's state has.</summary>
    public double TensorState { get; init; } = 5e-6;
}
