namespace Requant;

/// <summary>Which codecs an optimizer stores its states by.</summary>
public enum StateCodecs
{
    /// <summary>Each state's own, as its rule declares.</summary>
    Declared,

    /// <summary><see cref="Codec.Dynamic"/> and <see cref="Codec.DynamicUnsigned"/>, the paper's, for all quantized
    /// states.</summary>
    Dynamic,

    /// <summary><see cref="Codec.MiniFloat"/> and <see cref="Codec.MiniFloatUnsigned"/> for all
    /// quantized states.</summary>
    MiniFloat,

    /// <summary>None: every state is float32.</summary>
    Float32,
}
