using System.ComponentModel.DataAnnotations;

namespace Requant.Optimizers;

/// <summary>LAMB: Adam with a layer-wise trust ratio. Source: You et al., arXiv 1904.00962, algorithm 2.</summary>
public static class LambRule
{
    /// <summary>
    /// <code>
    /// m  = beta1 m + (1 - beta1) g
    /// v  = beta2 v + (1 - beta2) g²
    /// u  = m̂ / (√v̂ + eps) + weightDecay p    with m̂ = m / (1 - beta1^step), v̂ = v / (1 - beta2^step)
    /// p  = p - lr (‖p‖ / ‖u‖) u               the trust ratio is 1 where a norm is 0
    /// </code>
    /// </summary>
    /// <remarks>The norms run over the whole parameter tensor, before anything is written. The paper's φ is
    /// the identity.</remarks>
    /// <example><code>var lamb = new Optimizer&lt;Lamb&gt;(new Lamb { Lr = 2e-3f });</code></example>
    /// <param name="p">Parameter element.</param>
    /// <param name="g">Its gradient.</param>
    /// <param name="m">First moment.</param>
    /// <param name="v">Second moment.</param>
    /// <param name="step">1 on the first update.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="beta1">Decay of the first moment.</param>
    /// <param name="beta2">Decay of the second moment.</param>
    /// <param name="eps">Added to the denominator.</param>
    /// <param name="weightDecay">Decay, part of the update that the trust ratio scales.</param>
    [OptimizerRule]
    [TorchOptimizer(Remarks = "TorchSharp has none; the arguments are those of <c>AdamW8bit</c>.")]
    public static void Lamb(
        ref float p, float g, [State] ref float m,
        [State(Codec.MiniFloatUnsigned, Rounding = StateRounding.Stochastic)] ref float v, int step,
        [Range(0, float.MaxValue)] float lr = 1e-3f,
        [Range(0, 1, MaximumIsExclusive = true)] float beta1 = 0.9f,
        [Range(0, 1, MaximumIsExclusive = true)] float beta2 = 0.999f,
        [Range(0, float.MaxValue)] float eps = 1e-6f,
        [Range(0, float.MaxValue)] float weightDecay = 0.01f)
    {
        m = beta1 * m + (1 - beta1) * g;
        v = beta2 * v + (1 - beta2) * g * g;

        float biasCorrection1 = 1 - MathF.Pow(beta1, step);
        float biasCorrection2Sqrt = MathF.Sqrt(1 - MathF.Pow(beta2, step));
        float correction = biasCorrection2Sqrt / biasCorrection1;
        float epsHat = eps * biasCorrection2Sqrt;
        float update = correction * m / (MathF.Sqrt(v) + epsHat) + weightDecay * p;

        float parameterNorm = Reduce.Norm(p);
        float updateNorm = Reduce.Norm(update);
        float trustRatio = parameterNorm > 0 && updateNorm > 0 ? parameterNorm / updateNorm : 1f;
        p -= lr * trustRatio * update;
    }
}
