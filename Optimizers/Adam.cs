using System.ComponentModel.DataAnnotations;

namespace Requant.Optimizers;

/// <summary>Adam. Source: Kingma and Ba, arXiv 1412.6980, algorithm 1; weight decay and AMSGrad (Reddi et al., arXiv
/// 1904.09237) as in <c>torch.optim.Adam</c>.</summary>
public static class AdamRule
{
    /// <summary>
    /// <code>
    /// g  = g + weightDecay p
    /// m  = beta1 m + (1 - beta1) g
    /// v  = beta2 v + (1 - beta2) g²
    /// p  = p - lr m̂ / (√v̂ + eps)    with m̂ = m / (1 - beta1^step), v̂ = v / (1 - beta2^step)
    /// amsgrad: vMax = max(vMax, v) instead of v in v̂
    /// </code>
    /// </summary>
    /// <remarks>
    /// <para>Weight decay is L2 regularization, part of the gradient, as PyTorch has it; <see cref="AdamWRule.AdamW"/>
    /// decouples it. bitsandbytes gives the name Adam8bit to decoupled decay. The bias corrections are folded into the
    /// step size and eps, as at the end of the paper's section 2: the same numbers with one division less
    /// per element.</para>
    /// <para>The maximum in 8 bits is exact at a block's largest element and keeps its code as long as that element
    /// stays the same. Where it grows, the others are rounded anew, by at most half a gap, up or down: the maximum is
    /// then the true one within that, and may be lower than on the step before. What is rounded up stays so, as a
    /// maximum does not shrink. The update uses the maximum before rounding, which is never below its
    /// <paramref name="v"/>.</para>
    /// <para>A maximum also keeps what random rounding adds to <paramref name="v"/>: after 10,000 steps half of the
    /// maxima were 45 % too large, and 24 % with nearest codes (docs/perf/states.md), which stand still where they are
    /// too large, as a maximum does anyway. <see cref="OptimizerOptions.StateRounding"/> =
    /// <see cref="StateRounding.Nearest"/> is the better choice for AMSGrad.</para>
    /// </remarks>
    /// <example><code>
    /// var adam = new Optimizer&lt;Adam&gt;(new Adam { Lr = 1e-3f });
    /// ParameterState w = adam.Add("w", weights.Length);
    /// adam.Step(w, weights, gradients);
    /// </code></example>
    /// <param name="p">Parameter element.</param>
    /// <param name="g">Its gradient.</param>
    /// <param name="m">First moment.</param>
    /// <param name="v">Second moment.</param>
    /// <param name="vMax">Largest second moment so far, used with <paramref name="amsgrad"/> only.</param>
    /// <param name="step">1 on the first update.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="beta1">Decay of the first moment.</param>
    /// <param name="beta2">Decay of the second moment.</param>
    /// <param name="eps">Added to the denominator.</param>
    /// <param name="weightDecay">L2 penalty.</param>
    /// <param name="amsgrad">Divides by the largest second moment so far.</param>
    [OptimizerRule]
    [TorchOptimizer(Replaces = "torch.optim.Adam")]
    public static void Adam(
        ref float p, float g, [State] ref float m,
        [State(Codec.MiniFloatUnsigned, Rounding = StateRounding.Stochastic)] ref float v,
        [State(Codec.MiniFloatUnsigned, Rounding = StateRounding.Stochastic)] ref float vMax, int step,
        [Range(0, float.MaxValue)] float lr = 1e-3f,
        [Range(0, 1, MaximumIsExclusive = true)] float beta1 = 0.9f,
        [Range(0, 1, MaximumIsExclusive = true)] float beta2 = 0.999f,
        [Range(0, float.MaxValue)] float eps = 1e-8f,
        [Range(0, float.MaxValue)] float weightDecay = 0f,
        bool amsgrad = false)
    {
        float gradient = g + weightDecay * p;
        m = beta1 * m + (1 - beta1) * gradient;
        v = beta2 * v + (1 - beta2) * gradient * gradient;

        float biasCorrection1 = 1 - MathF.Pow(beta1, step);
        float biasCorrection2Sqrt = MathF.Sqrt(1 - MathF.Pow(beta2, step));
        float stepSize = lr * biasCorrection2Sqrt / biasCorrection1;
        float epsHat = eps * biasCorrection2Sqrt;
        float secondMoment = v;
        if (amsgrad)
        {
            vMax = MathF.Max(vMax, v);
            secondMoment = vMax;
        }

        p -= stepSize * m / (MathF.Sqrt(secondMoment) + epsHat);
    }
}
