using Requant.Generator.Read;

namespace Requant.Generator.Emit.Rule;

/// <summary>The runtime's types for a state's codec, by what the optimizer's options choose.</summary>
internal static class CodecTypes
{
    private const string Float32 = "Float32";
    private const string Declared = "Declared";
    private const string Stochastic = "Stochastic";

    /// <summary>The names of <c>StateCodecs</c>.</summary>
    public static readonly IReadOnlyList<string> Choices = [Declared, "Dynamic", "MiniFloat", Float32];

    /// <summary>What device kernels of a choice may be asked to round by: as the states declare, or all by one of
    /// <c>StateRounding</c>; what is not quantized is not rounded.</summary>
    public static IEnumerable<string> Roundings(string choice) =>
        choice == Float32 ? ["_"] : ["null", "Nearest", Stochastic];

    /// <summary>The type of a state's codec on the CPU, which reads the rounding from the step's data.</summary>
    public static string Cpu(StateModel state, string choice) =>
        $"global::Requant.CompilerServices.{CodecOf(state, choice)}Codec";

    /// <summary>The type of a state's codec on devices.</summary>
    public static string Device(StateModel state, string choice, string rounding)
    {
        string codec = CodecOf(state, choice);
        if (codec == Float32)
        {
            return "global::Requant.CompilerServices.Float32DeviceCodec";
        }

        string prefix = (rounding == "null" ? state.Rounding : rounding) == Stochastic ? Stochastic : "";
        return $"global::Requant.CompilerServices.QuantizedDeviceCodec<global::Requant.CompilerServices.{prefix}"
            + $"{Encoding(codec)}>";
    }

    private static string Encoding(string codec) => codec switch
    {
        "MiniFloat" or "MiniFloatUnsigned" => codec + "Encoding",
        _ => $"TableEncoding<global::Requant.CompilerServices.{codec}Table>",
    };

    private static string CodecOf(StateModel state, string choice) =>
        choice == Declared || !state.IsQuantized ? state.Codec
        : choice == Float32 ? Float32
        : choice + (state.IsUnsigned ? "Unsigned" : "");
}
