using System.Globalization;

namespace Requant.Steps;

/// <summary>What the host computes for a tensor before the first phase.</summary>
internal static class HostValues
{
    /// <summary>Computes them, and checks those that kernels compute with.</summary>
    /// <param name="rule">With the hyperparameters of this step.</param>
    /// <param name="state">The tensor's.</param>
    /// <param name="step">Number of the step.</param>
    /// <param name="variant">Which kernels it is for.</param>
    /// <param name="reductions">float32[<see cref="RuleInfo.Reductions"/>.Count]: zeros.</param>
    /// <param name="uniforms">float32[<see cref="RuleInfo.UniformCount"/>].</param>
    /// <exception cref="NotFiniteNumberException">One is NaN or infinite.</exception>
    public static void Compute<TRule>(
        TRule rule, ParameterState state, int step, int variant, ReadOnlySpan<float> reductions, Span<float> uniforms)
        where TRule : IOptimizerRule<TRule>
    {
        rule.ComputeUniforms(
            0, state.Facts(step, state.UnusedStates), state.TensorStates.Values, reductions, uniforms);
        IReadOnlyList<FiniteUniformInfo> finite = RuleInfo.Of<TRule>().FiniteUniforms;
        for (int i = 0; i < finite.Count; i++)
        {
            if (!float.IsFinite(uniforms[finite[i].Uniform]) && (finite[i].Variants & (1 << variant)) != 0)
            {
                throw Refusal(rule, state, step, finite[i].Name, uniforms[finite[i].Uniform]);
            }
        }
    }

    private static NotFiniteNumberException Refusal<TRule>(
        TRule rule, ParameterState state, int step, string name, float value)
        where TRule : IOptimizerRule<TRule>
    {
        IEnumerable<string> given = RuleInfo.Of<TRule>().Hyperparameters.Select((info, index) =>
            string.Create(CultureInfo.InvariantCulture, $"{info.Name} {info.Shown(rule.GetHyperparameter(index))}"))
            .Concat(state.TensorStates.Names.Select(
                one => string.Create(CultureInfo.InvariantCulture, $"{one} {state.TensorStates[one]}")));
        return new NotFiniteNumberException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"In step {step} of '{state.Name}', rule {RuleInfo.Of<TRule>().Name} computes {name} = {value} from ")
                + $"{string.Join(", ", given)}, and every element's result from that. Nothing was changed; give "
                + "hyperparameters that the rule can compute with.",
            value);
    }
}
