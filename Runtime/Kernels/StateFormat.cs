using System.ComponentModel;

namespace Requant.CompilerServices;

/// <summary>What a kernel is compiled for: how a tensor's states are stored and rounded.</summary>
/// <param name="Codecs">The codecs; <see cref="StateCodecs.Float32"/> for a tensor whose states are
/// not quantized.</param>
/// <param name="Rounding">How all states are rounded; each as it declares when null.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly record struct StateFormat(StateCodecs Codecs, StateRounding? Rounding = null)
{
    /// <summary>All states as the rule declares.</summary>
    public static StateFormat Declared => default;

    /// <summary>All states in float32, which nothing rounds.</summary>
    public static StateFormat Float32 => new(StateCodecs.Float32);

    /// <summary>Whether states are stored by codecs.</summary>
    public bool IsQuantized => Codecs != StateCodecs.Float32;
}
