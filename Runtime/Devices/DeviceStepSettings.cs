using Requant.CompilerServices;

namespace Requant.Devices;

/// <summary>What a step decides for all its tensors and element types need: see <see cref="DeviceStepValue"/>.</summary>
/// <param name="GradientScale">What every gradient is multiplied by.</param>
/// <param name="RoundingSeed">The seed of stochastic rounding.</param>
internal readonly record struct DeviceStepSettings(float GradientScale, ulong RoundingSeed)
{
    /// <summary>Gradients as they are, and seed 0.</summary>
    public static DeviceStepSettings Plain => new(1f, 0);
}
