namespace Requant;

/// <summary>One tensor of a batch in the processor's memory.</summary>
/// <param name="State">From <c>Add</c> of the optimizer that takes the step.</param>
/// <param name="Parameter">Address of float32[<see cref="ParameterState.Length"/>], contiguous; updated in place. Fixed
/// memory that the caller keeps alive during the step.</param>
/// <param name="Gradient">Address of float32[<see cref="ParameterState.Length"/>], contiguous; only read.</param>
public readonly record struct TensorUpdate(ParameterState State, nint Parameter, nint Gradient);
