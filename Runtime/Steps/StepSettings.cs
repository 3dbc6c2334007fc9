using Requant.Numerics;

namespace Requant.Steps;

/// <summary>What an optimizer's steps are like, whatever their tensors.</summary>
internal sealed record StepSettings
{
    /// <summary>Elements that share one absmax.</summary>
    public required int BlockSize { get; init; }

    public required long MinQuantizedLength { get; init; }

    public required StateCodecs Codecs { get; init; }

    public required StateRounding? StateRounding { get; init; }

    /// <summary>How parameters of bfloat16 are stored.</summary>
    public required ParameterStorage Storage { get; init; }

    public required float? MaxGradientNorm { get; init; }

    /// <summary>Whether an optimizer of these states takes random bits.</summary>
    public bool RoundsStochastically(IReadOnlyList<StateInfo> states) =>
        Storage == ParameterStorage.Stochastic || Array.Exists(
            StateStorageChoice.Resolve(states, Codecs, StateRounding),
            state => state.Rounding == Requant.StateRounding.Stochastic);

    /// <summary>Whether steps may be recorded into graphs.</summary>
    public required bool Capturable { get; init; }
}
