namespace Requant;

/// <summary>What a load may convert. By default nothing: a mismatch is refused, with a message that says what
/// differs.</summary>
public sealed record LoadOptions
{
    /// <summary>Decode states that are quantized in the file and float32 in this optimizer, which is exact, and encode
    /// those that are float32 in the file and quantized here, to the nearest codes.</summary>
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
    /// rounded otherwise than <see cref="QuantizedState.Rounding"/> says; this one continues with its own. Where one of
    /// both has <see cref="OptimizerOptions.MasterWeights"/>, remainders are dropped, or begin at 0.</summary>
    public bool AcceptOtherRounding { get; init; }

    /// <summary>Start parameters that a file of another library lacks at step 0, with states of 0. PyTorch keeps
    /// nothing for a parameter that never had a gradient. For imports only: a checkpoint of Requant has all
    /// parameters.</summary>
    public bool AcceptMissingParameters { get; init; }
}
