using Requant.CompilerServices;

namespace Requant;

/// <summary>The one place where generated code meets the runtime: everything an executor needs to
/// know of a rule.</summary>
/// <remarks>Implemented by the generator; the instance carries the hyperparameters.</remarks>
/// <typeparam name="TSelf">The generated record.</typeparam>
public interface IOptimizerRule<TSelf> where TSelf : IOptimizerRule<TSelf>
{
    /// <summary><see cref="GeneratedCode.Contract"/> of the version that compiled the rule; 0 from before there
    /// were numbers.</summary>
    static virtual int Contract => 0;

    /// <summary>Name, states, hyperparameters, phases and hash of the rule; <see cref="RuleInfo.Of"/> checks that they
    /// can be used.</summary>
    static abstract RuleInfo Info { get; }

    /// <summary>Index of the specialised kernel for these hyperparameters.</summary>
    /// <param name="tensor">The tensor and its step.</param>
    /// <returns>A value from 0 to <see cref="RuleInfo.VariantCount"/> - 1.</returns>
    int SelectVariant(in TensorStep tensor);

    /// <summary>The states that some kernel reads or writes with these hyperparameters, at any step: bit i for state i.
    /// A state that is not among them needs no memory.</summary>
    /// <param name="tensor">The tensor, of which the shape alone matters.</param>
    int StatesInUse(in TensorStep tensor);

    /// <summary>Computes the values that are the same for every element of a tensor and become known at
    /// <paramref name="phase"/>.</summary>
    /// <param name="phase">From 0 to <see cref="RuleInfo.PhaseCount"/> - 1, called in ascending order.</param>
    /// <param name="tensor">The tensor and its step.</param>
    /// <param name="tensorStates">float32[<see cref="RuleInfo.TensorStates"/>.Count]: their values
    /// before this step.</param>
    /// <param name="reductions">float32[<see cref="RuleInfo.Reductions"/>.Count]: the results of
    /// earlier phases.</param>
    /// <param name="uniforms">float32[<see cref="RuleInfo.UniformCount"/>]: earlier phases' values are kept.</param>
    void ComputeUniforms(
        int phase, in TensorStep tensor, ReadOnlySpan<float> tensorStates, ReadOnlySpan<float> reductions,
        Span<float> uniforms);

    /// <summary>The CPU kernel of one variant and phase.</summary>
    /// <param name="variant">From <see cref="SelectVariant"/>.</param>
    /// <param name="phase">From 0 to <see cref="RuleInfo.PhaseCount"/> - 1.</param>
    /// <param name="width">Vector width; <see cref="SimdWidth.Scalar"/> is the definition of the rule.</param>
    /// <param name="states">How states are stored.</param>
    /// <returns>Null where the variant needs none of the phase's reductions.</returns>
    static abstract BlockKernel? GetCpuKernel(int variant, int phase, SimdWidth width, StateFormat states);

    /// <summary>What is computed for each row or column before the elements of a phase.</summary>
    /// <param name="variant">From <see cref="SelectVariant"/>.</param>
    /// <param name="phase">From 0 to <see cref="RuleInfo.PhaseCount"/> - 1.</param>
    /// <param name="level">Rows or columns.</param>
    /// <returns>Null where there is nothing to compute.</returns>
    static virtual LineKernel? GetLineKernel(int variant, int phase, StateLevel level) => null;

    /// <summary>The ILGPU kernel of one variant and phase.</summary>
    /// <param name="variant">From <see cref="SelectVariant"/>.</param>
    /// <param name="phase">From 0 to <see cref="RuleInfo.PhaseCount"/> - 1.</param>
    /// <param name="states">How states are stored.</param>
    /// <typeparam name="TParameter">The type of the parameter's elements.</typeparam>
    /// <typeparam name="TGradient">The type of the gradient's elements.</typeparam>
    /// <returns>Null where the variant needs none of the phase's reductions.</returns>
    static abstract DeviceKernel? GetDeviceKernel<TParameter, TGradient>(int variant, int phase, StateFormat states)
        where TParameter : struct, IDeviceElementType
        where TGradient : struct, IDeviceElementType;

    /// <summary>The ILGPU kernel that takes sums of rows or columns in a phase.</summary>
    /// <param name="variant">From <see cref="SelectVariant"/>.</param>
    /// <param name="phase">From 0 to <see cref="RuleInfo.PhaseCount"/> - 1.</param>
    /// <param name="into">Rows or columns.</param>
    /// <param name="states">How states are stored.</param>
    /// <typeparam name="TParameter">The type of the parameter's elements.</typeparam>
    /// <typeparam name="TGradient">The type of the gradient's elements.</typeparam>
    /// <returns>Null where there are none.</returns>
    static virtual DeviceKernel? GetDeviceReductionKernel<TParameter, TGradient>(
        int variant, int phase, StateLevel into, StateFormat states)
        where TParameter : struct, IDeviceElementType
        where TGradient : struct, IDeviceElementType => null;

    /// <summary>The ILGPU kernel of what is computed for each row or column before the elements of a phase.</summary>
    /// <param name="variant">From <see cref="SelectVariant"/>.</param>
    /// <param name="phase">From 0 to <see cref="RuleInfo.PhaseCount"/> - 1.</param>
    /// <param name="level">Rows or columns.</param>
    /// <returns>Null where there is nothing to compute.</returns>
    static virtual DeviceKernel? GetDeviceLineKernel(int variant, int phase, StateLevel level) => null;

    /// <summary>The ILGPU kernel that computes what becomes known after a phase, so that a device does not wait for the
    /// host. Its uniform values are those of <see cref="ComputeUniforms"/>, and then the results
    /// of reductions.</summary>
    /// <param name="phase">From 0 to <see cref="RuleInfo.PhaseCount"/> - 2.</param>
    /// <returns>Null where the host must compute them.</returns>
    static virtual DeviceKernel? GetFinishKernel(int phase) => null;

    /// <summary>Value of one hyperparameter; a <c>bool</c> is 0 or 1.</summary>
    /// <param name="index">Position in <see cref="RuleInfo.Hyperparameters"/>.</param>
    double GetHyperparameter(int index);

    /// <summary>A copy of the rule with one hyperparameter changed.</summary>
    /// <param name="index">Position in <see cref="RuleInfo.Hyperparameters"/>.</param>
    /// <param name="value">The new value; a <c>bool</c> is true unless 0, an <c>int</c> is truncated.</param>
    TSelf WithHyperparameter(int index, double value);
}
