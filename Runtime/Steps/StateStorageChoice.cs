using Requant.Codecs;

namespace Requant.Steps;

/// <summary>How an optimizer stores the states of a rule: what the rule declares, as its options override it.</summary>
internal static class StateStorageChoice
{
    /// <summary>The states of a rule with the codecs and roundings in force.</summary>
    public static StateInfo[] Resolve(
        IReadOnlyList<StateInfo> declared, StateCodecs codecs, StateRounding? rounding) =>
    [
        .. declared.Select(state =>
        {
            Codec codec = Resolve(state.Codec, codecs);
            return state with
            {
                Codec = codec,

                // Nothing rounds float32.
                Rounding = codec == Codec.Float32 ? StateRounding.Nearest : rounding ?? state.Rounding,
            };
        }),
    ];

    // A state that is declared float32 is small or delicate, and stays so.
    private static Codec Resolve(Codec declared, StateCodecs codecs) => codecs switch
    {
        _ when declared == Codec.Float32 => Codec.Float32,
        StateCodecs.Dynamic => declared.IsUnsigned() ? Codec.DynamicUnsigned : Codec.Dynamic,
        StateCodecs.MiniFloat => declared.IsUnsigned() ? Codec.MiniFloatUnsigned : Codec.MiniFloat,
        StateCodecs.Float32 => Codec.Float32,
        _ => declared,
    };
}
