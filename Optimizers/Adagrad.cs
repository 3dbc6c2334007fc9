using System.ComponentModel.DataAnnotations;

namespace Requant.Optimizers;

/// <summary>Adagrad, as <c>torch.optim.Adagrad</c>. Source: Duchi, Hazan and Singer, "Adaptive Subgradient Methods for
/// Online Learning and Stochastic Optimization", JMLR 12 (2011).</summary>
public static class AdagradRule
{
    /// <summary>
    /// <code>
    /// g    = g + weightDecay p
    /// sum  = sum + g²
    /// p    = p - lr / (1 + (step - 1) lrDecay) g / (√(sum + initialAccumulator) + eps)
    /// </code>
    /// </summary>
    /// <remarks>
    /// <para>PyTorch starts <paramref name="sum"/> at <c>initial_accumulator_value</c>. A state starts at 0 here, so
    /// that value is added where the sum is used: the same update, and the 8 bits are spent on what the gradients
    /// added. bitsandbytes' CUDA kernel lets weight decay into the state only, not into the update.</para>
    /// <para>In 8 bits, additions that are smaller than half a gap between codes are lost, but a block whose elements
    /// grow alike keeps its codes, and its absmax grows. After 10,000 steps the sum was off by 12 % of its norm
    /// (docs/perf/states.md), and the update, which takes the root, by half of that.</para>
    /// </remarks>
    /// <example><code>var adagrad = new Optimizer&lt;Adagrad&gt;(new Adagrad { Lr = 1e-2f });</code></example>
    /// <param name="p">Parameter element.</param>
    /// <param name="g">Its gradient.</param>
    /// <param name="sum">Sum of squared gradients.</param>
    /// <param name="step">1 on the first update.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="lrDecay">How much the learning rate's divisor grows a step.</param>
    /// <param name="weightDecay">L2 penalty.</param>
    /// <param name="initialAccumulator">What the sum of squares starts from, 0 or more.</param>
    /// <param name="eps">Added to the denominator.</param>
    [OptimizerRule]
    [TorchOptimizer("lr", "lr_decay", "weight_decay", "initial_accumulator_value = initialAccumulator", "eps",
        Replaces = "torch.optim.Adagrad")]
    public static void Adagrad(
        ref float p, float g, [State(Codec.MiniFloatUnsigned, Rounding = StateRounding.Stochastic)] ref float sum,
        int step,
        [Range(0, float.MaxValue)] float lr = 1e-2f,
        [Range(0, float.MaxValue)] float lrDecay = 0f,
        [Range(0, float.MaxValue)] float weightDecay = 0f,
        [Range(0, float.MaxValue)] float initialAccumulator = 0f,
        [Range(0, float.MaxValue)] float eps = 1e-10f)
    {
        float gradient = g + weightDecay * p;
        sum += gradient * gradient;

        float decayedLr = lr / (1 + (step - 1) * lrDecay);
        p -= decayedLr * gradient / (MathF.Sqrt(sum + initialAccumulator) + eps);
    }
}
