namespace Requant;

/// <summary>What a load may change on the way. By default nothing: what does not fit is refused, with a message that
/// says what differs.</summary>
public sealed record LoadOptions
{
    /// <summary>Decode states that the file has quantized and this optimizer keeps in float32, which is exact, and
    /// encode those that it is the other way round for, which rounds each element to its nearest code.</summary>
    public bool ConvertPrecision { get; init; }

    /// <summary>Decode states of another block size and encode them with this optimizer's. Every element may be rounded
    /// once more.</summary>
    public bool ConvertBlockSize { get; init; }

    /// <summary>Decode states of another codec and encode them with this optimizer's, to the nearest code. Every
    /// element may be rounded once more.</summary>
    public bool ConvertCodec { get; init; }

    /// <summary>Take states of a rule that has the same name and another hash: the rule was changed since. States and
    /// tensor states must have the same names; hyperparameters that the file lacks keep their values. The hash of a
    /// file of format 1 is not compared.</summary>
    public bool AcceptOtherHash { get; init; }

    /// <summary>Take states of an optimizer with another <see cref="OptimizerOptions.Rounding"/>, and states that were
    /// rounded otherwise than <see cref="QuantizedState.Rounding"/> says; this one goes on with its own. Where one of
    /// both has <see cref="OptimizerOptions.MasterWeights"/>, remainders are dropped, or begin at 0.</summary>
    public bool AcceptOtherRounding { get; init; }

    /// <summary>Begin parameters at step 0 with states of 0 of which a file of another library has nothing. PyTorch
    /// keeps none for a parameter that never had a gradient. For imports only: a checkpoint of Requant has
    /// all parameters.</summary>
    public bool AcceptMissingParameters { get; init; }
}
