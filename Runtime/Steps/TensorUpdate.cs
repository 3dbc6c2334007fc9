namespace Requant;

/// <summary>One tensor of a batch in the processor's memory, or in that of a device of CUDA.</summary>
/// <param name="State">From <c>Add</c> of the optimizer that takes the step.</param>
/// <param name="Parameter">Address of <paramref name="ParameterType"/>[<see cref="ParameterState.Length"/>], contiguous;
/// updated in place. Fixed memory that the caller keeps alive during the step.</param>
/// <param name="Gradient">Address of <paramref name="GradientType"/>[<see cref="ParameterState.Length"/>], contiguous;
/// only read.</param>
/// <param name="ParameterType">What the parameter's elements are.</param>
/// <param name="GradientType">What the gradient's elements are; need not be the parameter's.</param>
public readonly record struct TensorUpdate(
    ParameterState State,
    nint Parameter,
    nint Gradient,
    ElementType ParameterType = ElementType.Float32,
    ElementType GradientType = ElementType.Float32);
