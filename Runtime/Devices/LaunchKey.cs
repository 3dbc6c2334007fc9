using Requant.CompilerServices;
using Requant.Numerics;

namespace Requant.Devices;

/// <summary>What all tensors of a launch have in common.</summary>
/// <param name="Variant">From <see cref="IOptimizerRule{TSelf}.SelectVariant"/>.</param>
/// <param name="States">How states are stored.</param>
/// <param name="ParameterType">What the parameters' elements are.</param>
/// <param name="GradientType">What the gradients' elements are.</param>
/// <param name="Gradients">What the kernel does to gradients.</param>
/// <param name="Storage">How it stores parameters of bfloat16; to nearest for others.</param>
internal readonly record struct LaunchKey(
    int Variant,
    StateFormat States,
    ElementType ParameterType,
    ElementType GradientType,
    GradientTreatment Gradients = GradientTreatment.None,
    ParameterStorage Storage = ParameterStorage.Nearest);

/// <summary>What a kernel does to gradients before the rule sees them.</summary>
[Flags]
internal enum GradientTreatment
{
    /// <summary>Nothing, and elements that are not finite are skipped.</summary>
    None = 0,

    /// <summary>They are multiplied by the step's scale.</summary>
    Scaled = 1,

    /// <summary>All of them are taken, those too that are not finite.</summary>
    Propagated = 2,
}
