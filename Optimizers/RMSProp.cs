namespace Requant.Optimizers;

/// <summary>RMSProp, as <c>torch.optim.RMSprop</c>. Source: Hinton, "Neural Networks for Machine Learning", lecture 6e.</summary>
public static class RMSPropRule
{
    /// <summary>
    /// <code>
    /// g  = g + weightDecay p
    /// v  = alpha v + (1 - alpha) g²
    /// p  = p - lr g / (√v + eps)
    /// </code>
    /// </summary>
    /// <remarks>bitsandbytes' CUDA kernel lets weight decay into the state only, not into the update.</remarks>
    /// <example><code>var rmsProp = new Optimizer&lt;RMSProp&gt;(new RMSProp { Lr = 1e-3f });</code></example>
    /// <param name="p">Parameter element.</param>
    /// <param name="g">Its gradient.</param>
    /// <param name="v">Mean of squared gradients.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="alpha">Decay of the mean, in [0, 1).</param>
    /// <param name="eps">Added to the denominator.</param>
    /// <param name="weightDecay">L2 penalty.</param>
    [OptimizerRule]
    public static void RMSProp(
        ref float p, float g, [State(Codec.DynamicUnsigned)] ref float v,
        float lr = 1e-2f, float alpha = 0.99f, float eps = 1e-8f, float weightDecay = 0f)
    {
        float gradient = g + weightDecay * p;
        v = alpha * v + (1 - alpha) * gradient * gradient;
        p -= lr * gradient / (MathF.Sqrt(v) + eps);
    }
}
