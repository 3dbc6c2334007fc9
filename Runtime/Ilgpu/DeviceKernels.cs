namespace Requant.Ilgpu;

/// <summary>Finds a rule's kernel for element types that are known at run time.</summary>
public static class DeviceKernels
{
    /// <summary>The ILGPU kernel of one variant and phase for one pair of element types.</summary>
    /// <param name="variant">From <see cref="IOptimizerRule{TSelf}.SelectVariant"/>.</param>
    /// <param name="phase">From 0 to <see cref="RuleInfo.PhaseCount"/> - 1.</param>
    /// <param name="quantized">Whether states are stored by their codecs; otherwise all are float32.</param>
    /// <param name="parameterType">What the parameter's elements are.</param>
    /// <param name="gradientType">What the gradient's elements are.</param>
    /// <typeparam name="TRule">The generated rule.</typeparam>
    /// <returns>Null where the variant needs none of the phase's reductions.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A type is not defined, or there is no such variant or
    /// phase.</exception>
    public static DeviceKernel? Get<TRule>(
        int variant, int phase, bool quantized, ElementType parameterType, ElementType gradientType)
        where TRule : IOptimizerRule<TRule> => parameterType switch
    {
        ElementType.Float32 => Get<TRule, Float32DeviceElement>(variant, phase, quantized, gradientType),
        ElementType.Float16 => Get<TRule, Float16DeviceElement>(variant, phase, quantized, gradientType),
        ElementType.BFloat16 => Get<TRule, BFloat16DeviceElement>(variant, phase, quantized, gradientType),
        _ => throw new ArgumentOutOfRangeException(nameof(parameterType), parameterType, "There is no such element type."),
    };

    private static DeviceKernel? Get<TRule, TParameter>(int variant, int phase, bool quantized, ElementType gradientType)
        where TRule : IOptimizerRule<TRule>
        where TParameter : struct, IDeviceElementType => gradientType switch
    {
        ElementType.Float32 => TRule.GetDeviceKernel<TParameter, Float32DeviceElement>(variant, phase, quantized),
        ElementType.Float16 => TRule.GetDeviceKernel<TParameter, Float16DeviceElement>(variant, phase, quantized),
        ElementType.BFloat16 => TRule.GetDeviceKernel<TParameter, BFloat16DeviceElement>(variant, phase, quantized),
        _ => throw new ArgumentOutOfRangeException(nameof(gradientType), gradientType, "There is no such element type."),
    };
}
