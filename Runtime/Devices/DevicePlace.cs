namespace Requant.Devices;

/// <summary>Where a tensor of a step lies on a device.</summary>
/// <param name="State">Its state.</param>
/// <param name="Parameter">Position of its elements.</param>
/// <param name="Gradient">Position of its gradient's elements.</param>
/// <param name="ParameterType">What its elements are.</param>
/// <param name="GradientType">What its gradient's elements are.</param>
/// <param name="FirstPartial">Number of its first partial result among all of the step's.</param>
/// <param name="Row">Its row in the table of tensors.</param>
internal readonly record struct DevicePlace(
    ParameterState State, long Parameter, long Gradient, ElementType ParameterType, ElementType GradientType,
    long FirstPartial, int Row = 0);
