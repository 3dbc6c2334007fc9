namespace Requant.Ilgpu;

/// <summary>What a step decides for all its tensors and element types need: see <see cref="DeviceStepValue"/>.</summary>
/// <param name="GradientScale">What every gradient is multiplied by.</param>
/// <param name="RoundingSeed">The seed of stochastic rounding; null where all is rounded to nearest.</param>
internal readonly record struct DeviceStepSettings(float GradientScale, ulong? RoundingSeed)
{
    /// <summary>Gradients as they are, and rounding to nearest.</summary>
    public static DeviceStepSettings Plain => new(1f, null);
}
