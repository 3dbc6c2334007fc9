using Requant.Numerics;

namespace Requant.Ptx;

/// <summary>A tensor of a step.</summary>
/// <param name="State">From <see cref="PtxOptimizer{TRule}.Add"/>.</param>
/// <param name="Parameter">n elements, updated in place.</param>
/// <param name="Gradient">n elements.</param>
/// <param name="ParameterType">What the parameter's elements are.</param>
/// <param name="GradientType">What the gradient's elements are.</param>
public sealed record PtxTensor(
    ParameterState State, byte[] Parameter, byte[] Gradient, ElementType ParameterType, ElementType GradientType)
{
    /// <summary>Bytes from an aligned address to the parameter's first element.</summary>
    public int ParameterOffset { get; init; }

    internal void Validate()
    {
        if (Parameter.Length != State.Length * ParameterType.Size()
            || Gradient.Length != State.Length * GradientType.Size())
        {
            throw new ArgumentException(
                $"State '{State.Name}' has {State.Length} elements, and they are not those of the parameter "
                + $"({Parameter.Length} bytes of {ParameterType}) and the gradient ({Gradient.Length} bytes of "
                + $"{GradientType}).");
        }
    }
}
