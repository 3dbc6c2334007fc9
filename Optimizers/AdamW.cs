using System.ComponentModel.DataAnnotations;

namespace Requant.Optimizers;

/// <summary>AdamW: Adam with decoupled weight decay. Source: Loshchilov and Hutter, arXiv 1711.05101, algorithm 2, with
/// the decay multiplied by the learning rate and AMSGrad (Reddi et al., arXiv 1904.09237) as in
/// <c>torch.optim.AdamW</c>.</summary>
public static class AdamWRule
{
    /// <summary>
    /// <code>
    /// p  = p - lr weightDecay p
    /// m  = beta1 m + (1 - beta1) g
    /// v  = beta2 v + (1 - beta2) g²
    /// p  = p - lr m̂ / (√v̂ + eps)    with m̂ = m / (1 - beta1^step), v̂ = v / (1 - beta2^step)
    /// amsgrad: vMax = max(vMax, v) instead of v in v̂
    /// </code>
    /// </summary>
    /// <remarks>As in PyTorch the decay comes before the update. bitsandbytes' CUDA kernel applies it after the update,
    /// its CPU path before. Bias corrections are folded into the step size and eps, as at the end of section 2 of
    /// Adam's paper. On the maximum in 8 bits see <see cref="AdamRule.Adam"/>.</remarks>
    /// <example>
    /// <code>var adamW = new Optimizer&lt;AdamW&gt;(new AdamW { Lr = 3e-4f, WeightDecay = 0.1f });</code>
    /// </example>
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
    /// <param name="weightDecay">Decoupled weight decay, multiplied by the learning rate.</param>
    /// <param name="amsgrad">Divides by the largest second moment so far.</param>
    [OptimizerRule]
    [TorchOptimizer("lr", "beta1", "beta2", "eps", "weight_decay : 0", "amsgrad", Replaces = "torch.optim.AdamW",
        Remarks = "Defaults are TorchSharp's, so <c>weight_decay</c> is 0; PyTorch's AdamW and the rule have 0.01.")]
    public static void AdamW(
        ref float p, float g, [State] ref float m,
        [State(Codec.MiniFloatUnsigned, Rounding = StateRounding.Stochastic)] ref float v,
        [State(Codec.MiniFloatUnsigned, Rounding = StateRounding.Stochastic)] ref float vMax, int step,
        [Range(0, float.MaxValue)] float lr = 1e-3f,
        [Range(0, 1, MaximumIsExclusive = true)] float beta1 = 0.9f,
        [Range(0, 1, MaximumIsExclusive = true)] float beta2 = 0.999f,
        [Range(0, float.MaxValue)] float eps = 1e-8f,
        [Range(0, float.MaxValue)] float weightDecay = 0.01f,
        bool amsgrad = false)
    {
        p *= 1 - lr * weightDecay;
        m = beta1 * m + (1 - beta1) * g;
        v = beta2 * v + (1 - beta2) * g * g;

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
