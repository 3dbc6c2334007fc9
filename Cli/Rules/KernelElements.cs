using Requant.Devices;
using Requant.Numerics;

namespace Requant.Cli.Rules;

/// <summary>What the elements of a kernel's parameter and gradient are, on the command line and in listings.</summary>
internal static class KernelElements
{
    /// <summary>Names on the command line, by type.</summary>
    public static readonly IReadOnlyList<string> Names = ["fp32", "fp16", "bf16"];

    private static readonly string[] LongNames = ["float32", "float16", "bfloat16"];

    /// <summary>The type of a name, compared without case.</summary>
    /// <returns>Null where no type has the name.</returns>
    public static ElementType? Find(string name)
    {
        for (int type = 0; type < Names.Count; type++)
        {
            if (Names[type].Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return (ElementType)type;
            }
        }

        return null;
    }

    /// <summary>In words, with what a kernel does to gradients and how it rounds parameters.</summary>
    public static string Text(in LaunchKey key)
    {
        string types = key.ParameterType == key.GradientType
            ? $"{LongNames[(int)key.ParameterType]} parameters and gradients"
            : $"{LongNames[(int)key.ParameterType]} parameters, {LongNames[(int)key.GradientType]} gradients";
        return types
            + (key.Gradients.HasFlag(GradientTreatment.Scaled) ? ", gradients scaled" : "")
            + (key.Gradients.HasFlag(GradientTreatment.Propagated) ? ", gradients propagated that are not finite" : "")
            + key.Storage switch
            {
                ParameterStorage.Stochastic => ", parameters rounded stochastically",
                ParameterStorage.Remainder => ", parameters with remainders",
                _ => "",
            };
    }
}
