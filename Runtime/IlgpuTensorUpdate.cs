using ILGPU;

namespace Requant;

/// <summary>One tensor of a batch in the memory of an ILGPU accelerator.</summary>
/// <param name="State">From <c>Add</c> of the optimizer that takes the step.</param>
/// <param name="Parameter">float32[<see cref="ParameterState.Length"/>], updated in place.</param>
/// <param name="Gradient">float32[<see cref="ParameterState.Length"/>], only read.</param>
public readonly record struct IlgpuTensorUpdate(
    ParameterState State, ArrayView<float> Parameter, ArrayView<float> Gradient);
