using System.Reflection;
using Requant.CompilerServices;
using Requant.Devices;

namespace Requant.Cli.Rules;

/// <summary>How the states of kernels are stored and rounded, on the command line and in listings.</summary>
internal static class KernelStates
{
    /// <summary>What options choose: as the rule declares where they are null.</summary>
    public static StateFormat Of(StateCodecs? codecs, StateRounding? rounding) =>
        codecs == StateCodecs.Float32 ? StateFormat.Float32 : new StateFormat(codecs ?? StateCodecs.Declared, rounding);

    /// <summary>A comment that says what the type parameters of a rule's kernels are for some codecs.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="kind">What text is shown: that of vector kernels or of devices.</param>
    /// <param name="codecs">The codecs; no comment where they are null.</param>
    public static string Types(RuleEntry rule, string kind, StateCodecs? codecs)
    {
        int variant = rule.DefaultVariant;
        int last = rule.Info.PhaseCount - 1;
        StateFormat states = Of(codecs, null);
        MethodInfo? kernel = codecs is null ? null
            : kind == "ilgpu"
                ? rule.DeviceKernel(new LaunchKey(variant, states, ElementType.Float32, ElementType.Float32), last)
            : rule.CpuKernel(variant, last, SimdWidths.Widest, states);
        return kernel is not { IsGenericMethod: true } ? "" : string.Concat(
            kernel.GetGenericMethodDefinition().GetGenericArguments()
                .Zip(kernel.GetGenericArguments(), (parameter, type) => $"// {parameter.Name}: {Name(type)}\n"))
            + "\n";
    }

    private static string Name(Type type) => type.IsGenericType
        ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<"
            + $"{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
        : type.Name;

    /// <summary>In words.</summary>
    public static string Text(StateFormat states)
    {
        string text = states.Codecs switch
        {
            StateCodecs.Declared => "8-bit states",
            StateCodecs.Float32 => "float32 states",
            _ => $"{states.Codecs} states",
        };
        return states.Rounding is StateRounding rounding
            ? $"{text} rounded {(rounding == StateRounding.Nearest ? "to nearest" : "stochastically")}"
            : text;
    }
}
