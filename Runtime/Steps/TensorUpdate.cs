using ILGPU;
using ILGPU.Runtime;
using Requant.Numerics;

namespace Requant;

/// <summary>One tensor of a batch, in the memory of the optimizer's device.</summary>
/// <param name="State">From <c>Add</c> of the optimizer that takes the step.</param>
/// <param name="Parameter">Address of <paramref name="ParameterType"/>[<see cref="ParameterState.Length"/>],
/// contiguous; updated in place. Memory that stays where it is during the step.</param>
/// <param name="Gradient">Address of <paramref name="GradientType"/>[<see cref="ParameterState.Length"/>], contiguous;
/// only read.</param>
/// <param name="ParameterType">What the parameter's elements are.</param>
/// <param name="GradientType">What the gradient's elements are; need not be the parameter's.</param>
public readonly record struct TensorUpdate(
    ParameterState State,
    nint Parameter,
    nint Gradient,
    ElementType ParameterType = ElementType.Float32,
    ElementType GradientType = ElementType.Float32)
{
    /// <summary>A tensor in the memory of an ILGPU accelerator.</summary>
    /// <param name="state">From <c>Add</c> of the optimizer that takes the step.</param>
    /// <param name="parameter">float32, float16 or bfloat16[<see cref="ParameterState.Length"/>],
    /// updated in place.</param>
    /// <param name="gradient">float32, float16 or bfloat16[<see cref="ParameterState.Length"/>], only read.</param>
    /// <typeparam name="TParameter"><see cref="float"/>, <see cref="System.Half"/>, <see cref="ILGPU.Half"/> or
    /// <see cref="BFloat16"/>.</typeparam>
    /// <typeparam name="TGradient">Any of the same types; need not be the parameter's.</typeparam>
    /// <exception cref="ArgumentException">An element type is none of these, a length differs from the state's, or a
    /// view is not of the accelerator that the optimizer runs on.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="state"/> is null.</exception>
    public static TensorUpdate Of<TParameter, TGradient>(
        ParameterState state, ArrayView<TParameter> parameter, ArrayView<TGradient> gradient)
        where TParameter : unmanaged
        where TGradient : unmanaged
    {
        ArgumentNullException.ThrowIfNull(state);
        return new TensorUpdate(
            state, AddressOf(state, parameter, nameof(parameter)), AddressOf(state, gradient, nameof(gradient)),
            ElementTypes.Of<TParameter>(nameof(parameter)), ElementTypes.Of<TGradient>(nameof(gradient)));
    }

    private static nint AddressOf<T>(ParameterState state, ArrayView<T> view, string argument)
        where T : unmanaged
    {
        state.RequireLength(view.Length, argument);
        if (view.Length == 0)
        {
            return 0;
        }

        return view.GetAccelerator() == state.Accelerator
            ? view.LoadEffectiveAddressAsPtr()
            : throw new ArgumentException(
                $"The {argument} of '{state.Name}' is on accelerator '{view.GetAccelerator().Name}', and its optimizer "
                + "is not: make it with Device = Device.Ilgpu(accelerator).",
                argument);
    }
}
