namespace Requant.Optimizers;

/// <summary>Adam. Source: Kingma and Ba, arXiv 1412.6980, algorithm 1; weight decay as in <c>torch.optim.Adam</c>.</summary>
public static class AdamRule
{
    /// <summary>
    /// <code>
    /// g  = g + weightDecay p
    /// m  = beta1 m + (1 - beta1) g
    /// v  = beta2 v + (1 - beta2) g²
    /// p  = p - lr m̂ / (√v̂ + eps)    with m̂ = m / (1 - beta1^step), v̂ = v / (1 - beta2^step)
    /// </code>
    /// </summary>
    /// <remarks>
    /// Weight decay is L2 regularization, part of the gradient, as PyTorch has it; <see cref="AdamWRule.AdamW"/> decouples it.
    /// bitsandbytes gives the name Adam8bit to decoupled decay. The bias corrections are folded into the step size and eps, as
    /// at the end of the paper's section 2: the same numbers with one division less per element.
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
    /// <param name="step">1 on the first update.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="beta1">Decay of the first moment, in [0, 1).</param>
    /// <param name="beta2">Decay of the second moment, in [0, 1).</param>
    /// <param name="eps">Added to the denominator.</param>
    /// <param name="weightDecay">L2 penalty.</param>
    [OptimizerRule]
    public static void Adam(
        ref float p, float g, [State] ref float m, [State(Codec.DynamicUnsigned)] ref float v, int step,
        float lr = 1e-3f, float beta1 = 0.9f, float beta2 = 0.999f, float eps = 1e-8f, float weightDecay = 0f)
    {
        float gradient = g + weightDecay * p;
        m = beta1 * m + (1 - beta1) * gradient;
        v = beta2 * v + (1 - beta2) * gradient * gradient;

        float biasCorrection1 = 1 - MathF.Pow(beta1, step);
        float biasCorrection2Sqrt = MathF.Sqrt(1 - MathF.Pow(beta2, step));
        float stepSize = lr * biasCorrection2Sqrt / biasCorrection1;
        float epsHat = eps * biasCorrection2Sqrt;
        p -= stepSize * m / (MathF.Sqrt(v) + epsHat);
    }
}
