using ILGPU;
using Requant.Numerics;

namespace Requant;

/// <summary>One tensor of a batch in the memory of an ILGPU accelerator.</summary>
public readonly record struct IlgpuTensorUpdate
{
    /// <summary>A tensor with a float32 parameter and gradient; <see cref="Create"/> takes the other types too.</summary>
    /// <param name="state">From <c>Add</c> of the optimizer that takes the step.</param>
    /// <param name="parameter">float32[<see cref="ParameterState.Length"/>], updated in place.</param>
    /// <param name="gradient">float32[<see cref="ParameterState.Length"/>], only read.</param>
    public IlgpuTensorUpdate(ParameterState state, ArrayView<float> parameter, ArrayView<float> gradient)
        : this(state, BytesOf(parameter), BytesOf(gradient), ElementType.Float32, ElementType.Float32)
    {
    }

    private IlgpuTensorUpdate(
        ParameterState state, ArrayView<byte> parameter, ArrayView<byte> gradient, ElementType parameterType,
        ElementType gradientType)
    {
        State = state;
        Parameter = parameter;
        Gradient = gradient;
        ParameterType = parameterType;
        GradientType = gradientType;
    }

    /// <summary>From <c>Add</c> of the optimizer that takes the step.</summary>
    public ParameterState State { get; }

    /// <summary>The bytes of <see cref="ParameterType"/>[<see cref="ParameterState.Length"/>], updated in place.</summary>
    public ArrayView<byte> Parameter { get; }

    /// <summary>The bytes of <see cref="GradientType"/>[<see cref="ParameterState.Length"/>], only read.</summary>
    public ArrayView<byte> Gradient { get; }

    /// <summary>What the parameter's elements are.</summary>
    public ElementType ParameterType { get; }

    /// <summary>What the gradient's elements are; need not be the parameter's.</summary>
    public ElementType GradientType { get; }

    /// <summary>A tensor with elements of the types of its views.</summary>
    /// <param name="state">From <c>Add</c> of the optimizer that takes the step.</param>
    /// <param name="parameter">float32, float16 or bfloat16[<see cref="ParameterState.Length"/>], updated in place.</param>
    /// <param name="gradient">float32, float16 or bfloat16[<see cref="ParameterState.Length"/>], only read.</param>
    /// <typeparam name="TParameter"><see cref="float"/>, <see cref="System.Half"/>, <see cref="ILGPU.Half"/> or
    /// <see cref="BFloat16"/>.</typeparam>
    /// <typeparam name="TGradient">Any of the same types; need not be the parameter's.</typeparam>
    /// <exception cref="ArgumentException">An element type is none of these.</exception>
    public static IlgpuTensorUpdate Create<TParameter, TGradient>(
        ParameterState state, ArrayView<TParameter> parameter, ArrayView<TGradient> gradient)
        where TParameter : unmanaged
        where TGradient : unmanaged
    {
        ElementType parameterType = ElementTypes.Of<TParameter>(nameof(parameter));
        ElementType gradientType = ElementTypes.Of<TGradient>(nameof(gradient));
        return new IlgpuTensorUpdate(
            state, BytesOf(parameter), BytesOf(gradient), parameterType, gradientType);
    }

    private static ArrayView<byte> BytesOf<T>(ArrayView<T> view)
        where T : unmanaged => view.Length == 0 ? ArrayView<byte>.Empty : view.Cast<byte>();
}
