using System.ComponentModel.DataAnnotations;

namespace Requant.Optimizers;

/// <summary>AdEMAMix: AdamW with a second, slow mean of the gradients. Source: Pagliardini, Ablin and Grangier, "The
/// AdEMAMix Optimizer: Better, Faster, Older", arXiv 2409.03137, algorithm 1.</summary>
public static class AdEMAMixRule
{
    /// <summary>
    /// <code>
    /// m1 = beta1 m1 + (1 - beta1) g
    /// m2 = beta3(step) m2 + (1 - beta3(step)) g
    /// v  = beta2 v + (1 - beta2) g²
    /// p  = p - lr ((m̂1 + alpha(step) m2) / (√v̂ + eps) + weightDecay p)
    ///      with m̂1 = m1 / (1 - beta1^step), v̂ = v / (1 - beta2^step)
    /// alpha(step) = min(step / tAlpha, 1) alpha
    /// beta3(step) has a half-life that grows linearly from beta1's to beta3's in tBeta3 steps:
    ///               1 / ln beta3(step) = (1 - s) / ln beta1 + s / ln beta3    with s = min(step / tBeta3, 1)
    /// </code>
    /// </summary>
    /// <remarks>
    /// <para>PyTorch has no AdEMAMix. The paper's experiments set both warm-ups to the number of steps; 0, the
    /// default, is no warm-up. bitsandbytes' names are <c>t_alpha</c> and <c>t_beta3</c>, where None is none.</para>
    /// <para>The slow moment is kept in float32. A step changes it by a ten-thousandth of a gradient, less than half of
    /// the gap between two codes, which rounding swallows: with the paper's codes, as bitsandbytes has it, it was off
    /// by 27 % of its norm after 1,000 steps and by 134 % after 10,000, and still by 35 % with stochastic rounding
    /// (docs/perf/states.md); the fast moment by 3 to 6 %.</para>
    /// </remarks>
    /// <example><code>
    /// var ademamix = new Optimizer&lt;AdEMAMix&gt;(new AdEMAMix { Lr = 1e-3f, TAlpha = 10_000, TBeta3 = 10_000 });
    /// </code></example>
    /// <param name="p">Parameter element.</param>
    /// <param name="g">Its gradient.</param>
    /// <param name="m1">Fast first moment.</param>
    /// <param name="m2">Slow first moment, float32.</param>
    /// <param name="v">Second moment.</param>
    /// <param name="step">1 on the first update.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="beta1">Decay of the fast moment.</param>
    /// <param name="beta2">Decay of the second moment.</param>
    /// <param name="beta3">Decay of the slow moment, in [beta1, 1).</param>
    /// <param name="alpha">Weight of the slow moment.</param>
    /// <param name="eps">Added to the denominator.</param>
    /// <param name="weightDecay">Decoupled weight decay, multiplied by the learning rate.</param>
    /// <param name="tAlpha">Steps in which alpha grows from 0; 0 for none.</param>
    /// <param name="tBeta3">Steps in which the slow moment's decay grows from beta1; 0 for none.</param>
    [OptimizerRule]
    [TorchOptimizer("lr", "beta1", "beta2", "beta3", "alpha", "t_alpha", "t_beta3", "eps", "weight_decay",
        Remarks = "TorchSharp and PyTorch have none; the arguments are those of bitsandbytes, where 0 is its None. "
            + "The slow moment stays in float32.")]
    public static void AdEMAMix(
        ref float p, float g, [State] ref float m1, [State(Codec.Float32)] ref float m2,
        [State(Codec.MiniFloatUnsigned, Rounding = StateRounding.Stochastic)] ref float v, int step,
        [Range(0, float.MaxValue)] float lr = 1e-3f,
        [Range(0, 1, MaximumIsExclusive = true)] float beta1 = 0.9f,
        [Range(0, 1, MaximumIsExclusive = true)] float beta2 = 0.999f,
        [Range(0, 1, MaximumIsExclusive = true)] float beta3 = 0.9999f,
        [Range(0, float.MaxValue)] float alpha = 5f,
        [Range(0, float.MaxValue)] float eps = 1e-8f,
        [Range(0, float.MaxValue)] float weightDecay = 0.01f,
        [Range(0, int.MaxValue)] int tAlpha = 0,
        [Range(0, int.MaxValue)] int tBeta3 = 0)
    {
        float alphaNow = step < tAlpha ? alpha * step / tAlpha : alpha;
        float progress = step < tBeta3 ? (float)step / tBeta3 : 1f;
        float inverseLog = (1 - progress) / MathF.Log(beta1) + progress / MathF.Log(beta3);
        float beta3Now = step < tBeta3 ? MathF.Exp(1 / inverseLog) : beta3;

        m1 = beta1 * m1 + (1 - beta1) * g;
        m2 = beta3Now * m2 + (1 - beta3Now) * g;
        v = beta2 * v + (1 - beta2) * g * g;

        float biasCorrection1 = 1 - MathF.Pow(beta1, step);
        float biasCorrection2 = 1 - MathF.Pow(beta2, step);
        float update = (m1 / biasCorrection1 + alphaNow * m2) / (MathF.Sqrt(v / biasCorrection2) + eps);
        p -= lr * (update + weightDecay * p);
    }
}
