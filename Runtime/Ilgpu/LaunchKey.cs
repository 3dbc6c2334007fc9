namespace Requant.Ilgpu;

/// <summary>What all tensors of a launch have in common.</summary>
/// <param name="Variant">From <see cref="IOptimizerRule{TSelf}.SelectVariant"/>.</param>
/// <param name="Quantized">Whether states are stored by their codecs.</param>
/// <param name="ParameterType">What the parameters' elements are.</param>
/// <param name="GradientType">What the gradients' elements are.</param>
internal readonly record struct LaunchKey(int Variant, bool Quantized, ElementType ParameterType, ElementType GradientType);
