namespace Requant.Devices;

/// <summary>One tensor of a step on a device.</summary>
/// <param name="State">Its state.</param>
/// <param name="Parameter">Position of its elements.</param>
/// <param name="Gradient">Position of its gradient's elements.</param>
/// <param name="ParameterType">What the parameter's elements are.</param>
/// <param name="GradientType">What the gradient's elements are.</param>
internal readonly record struct DeviceUpdate(
    ParameterState State, long Parameter, long Gradient, ElementType ParameterType, ElementType GradientType);
