using Requant.CompilerServices;
using Requant.Numerics;

namespace Requant.Devices;

/// <summary>Finds a rule's kernel for element types that are known at run time.</summary>
public static class DeviceKernels
{
    /// <summary>The ILGPU kernel of one variant and phase for one pair of element types.</summary>
    /// <param name="variant">From <see cref="IOptimizerRule{TSelf}.SelectVariant"/>.</param>
    /// <param name="phase">From 0 to <see cref="RuleInfo.PhaseCount"/> - 1.</param>
    /// <param name="states">How states are stored.</param>
    /// <param name="parameterType">What the parameter's elements are.</param>
    /// <param name="gradientType">What the gradient's elements are.</param>
    /// <typeparam name="TRule">The generated rule.</typeparam>
    /// <returns>Null where the variant needs none of the phase's reductions.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A type is not defined, or there is no such variant or
    /// phase.</exception>
    public static DeviceKernel? Get<TRule>(
        int variant, int phase, StateFormat states, ElementType parameterType, ElementType gradientType)
        where TRule : IOptimizerRule<TRule> =>
        Get<TRule>(new LaunchKey(variant, states, parameterType, gradientType), phase);

    /// <summary>The kernel of a launch in a phase.</summary>
    /// <param name="key">The launch.</param>
    /// <param name="phase">From 0 to <see cref="RuleInfo.PhaseCount"/> - 1.</param>
    /// <param name="into">Rows or columns for the kernel that takes their sums.</param>
    /// <exception cref="ArgumentOutOfRangeException">As above.</exception>
    internal static DeviceKernel? Get<TRule>(in LaunchKey key, int phase, StateLevel into = StateLevel.Tensor)
        where TRule : IOptimizerRule<TRule> => key.ParameterType switch
    {
        ElementType.Float32 => OfParameter<TRule, Float32DeviceElement>(key, phase, into),
        ElementType.Float16 => OfParameter<TRule, Float16DeviceElement>(key, phase, into),
        ElementType.BFloat16 when key.Storage == ParameterStorage.Stochastic =>
            OfParameter<TRule, StochasticBFloat16DeviceElement>(key, phase, into),
        ElementType.BFloat16 when key.Storage == ParameterStorage.Remainder =>
            OfParameter<TRule, RemainderBFloat16DeviceElement>(key, phase, into),
        ElementType.BFloat16 => OfParameter<TRule, BFloat16DeviceElement>(key, phase, into),
        _ => throw new ArgumentOutOfRangeException(nameof(key), key.ParameterType, "There is no such element type."),
    };

    private static DeviceKernel? OfParameter<TRule, TParameter>(in LaunchKey key, int phase, StateLevel into)
        where TRule : IOptimizerRule<TRule>
        where TParameter : struct, IDeviceElementType => key.GradientType switch
    {
        ElementType.Float32 => OfGradient<TRule, TParameter, Float32DeviceElement>(key, phase, into),
        ElementType.Float16 => OfGradient<TRule, TParameter, Float16DeviceElement>(key, phase, into),
        ElementType.BFloat16 => OfGradient<TRule, TParameter, BFloat16DeviceElement>(key, phase, into),
        _ => throw new ArgumentOutOfRangeException(nameof(key), key.GradientType, "There is no such element type."),
    };

    private static DeviceKernel? OfGradient<TRule, TParameter, TGradient>(in LaunchKey key, int phase, StateLevel into)
        where TRule : IOptimizerRule<TRule>
        where TParameter : struct, IDeviceElementType
        where TGradient : struct, IDeviceElementType => key.Gradients switch
    {
        GradientTreatment.None => OfTypes<TRule, TParameter, TGradient>(key, phase, into),
        GradientTreatment.Scaled => OfTypes<TRule, TParameter, ScaledDeviceElement<TGradient>>(key, phase, into),
        GradientTreatment.Propagated =>
            OfTypes<TRule, TParameter, PropagatedDeviceElement<TGradient>>(key, phase, into),
        _ => OfTypes<TRule, TParameter, PropagatedDeviceElement<ScaledDeviceElement<TGradient>>>(key, phase, into),
    };

    private static DeviceKernel? OfTypes<TRule, TParameter, TGradient>(in LaunchKey key, int phase, StateLevel into)
        where TRule : IOptimizerRule<TRule>
        where TParameter : struct, IDeviceElementType
        where TGradient : struct, IDeviceElementType => into == StateLevel.Tensor
        ? TRule.GetDeviceKernel<TParameter, TGradient>(key.Variant, phase, key.States)
        : TRule.GetDeviceReductionKernel<TParameter, TGradient>(key.Variant, phase, into, key.States);

    /// <summary>The kernel that measures gradients of a type.</summary>
    internal static DeviceKernel Squares(ElementType gradientType) => gradientType switch
    {
        ElementType.Float32 => DeviceGradientSquares.Measure<ScaledDeviceElement<Float32DeviceElement>>,
        ElementType.Float16 => DeviceGradientSquares.Measure<ScaledDeviceElement<Float16DeviceElement>>,
        ElementType.BFloat16 => DeviceGradientSquares.Measure<ScaledDeviceElement<BFloat16DeviceElement>>,
        _ => throw new ArgumentOutOfRangeException(
            nameof(gradientType), gradientType, "There is no such element type."),
    };
}
