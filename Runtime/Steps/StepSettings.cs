namespace Requant.Steps;

/// <summary>What an optimizer's steps are like, whatever their tensors.</summary>
internal sealed record StepSettings
{
    /// <summary>Elements that share one absmax.</summary>
    public required int BlockSize { get; init; }

    public required long MinQuantizedLength { get; init; }

    public required StateCodecs Codecs { get; init; }

    public required StateRounding? StateRounding { get; init; }

    public required ParameterRounding Rounding { get; init; }

    public required float? MaxGradientNorm { get; init; }

    /// <summary>Whether steps may be recorded into graphs.</summary>
    public required bool Capturable { get; init; }
}
