using System.ComponentModel.DataAnnotations;

namespace Requant.Optimizers;

/// <summary>RMSProp, as <c>torch.optim.RMSprop</c>. Sources: Hinton, "Neural Networks for Machine Learning", lecture
/// 6e; Graves, "Generating Sequences With Recurrent Neural Networks", arXiv 1308.0850, section 4.2, for the
/// centered variant.</summary>
public static class RMSPropRule
{
    /// <summary>
    /// <code>
    /// g      = g + weightDecay p
    /// v      = alpha v + (1 - alpha) g²          centered: alpha (v + (1 - alpha) (g - gAvg)²)
    /// gAvg   = alpha gAvg + (1 - alpha) g        centered only
    /// u      = g / (√v + eps)
    /// p      = p - lr u                          momentum > 0: buffer = momentum buffer + u; p = p - lr buffer
    /// </code>
    /// </summary>
    /// <remarks>When <paramref name="centered"/>, PyTorch keeps the mean of squares and subtracts the squared mean
    /// where it is used. Two rounded states of nearly the same size could then differ by less than 0, or by so little
    /// that the update explodes. Here <paramref name="v"/> is that difference itself, by the recurrence above: in exact
    /// arithmetic the same number, and never negative. bitsandbytes' CUDA kernel has neither variant, and lets weight
    /// decay into the state only.</remarks>
    /// <example><code>var rmsProp = new Optimizer&lt;RMSProp&gt;(new RMSProp { Lr = 1e-3f });</code></example>
    /// <param name="p">Parameter element.</param>
    /// <param name="g">Its gradient.</param>
    /// <param name="v">Mean of squared gradients; their variance when centered.</param>
    /// <param name="gAvg">Mean of gradients, used with <paramref name="centered"/> only.</param>
    /// <param name="buffer">Momentum buffer, used with <paramref name="momentum"/> only.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="alpha">Decay of the means.</param>
    /// <param name="eps">Added to the denominator.</param>
    /// <param name="weightDecay">L2 penalty.</param>
    /// <param name="momentum">Momentum factor, 0 for none.</param>
    /// <param name="centered">Whether to divide by the deviation from the mean.</param>
    [OptimizerRule]
    [TorchOptimizer(
        GroupOrder = ["lr", "eps", "alpha", "weight_decay", "momentum", "centered"], Replaces = "torch.optim.RMSProp")]
    public static void RMSProp(
        ref float p, float g, [State(Codec.MiniFloatUnsigned, Rounding = StateRounding.Stochastic)] ref float v,
        [State] ref float gAvg,
        [State] ref float buffer,
        [Range(0, float.MaxValue)] float lr = 1e-2f,
        [Range(0, 1, MaximumIsExclusive = true)] float alpha = 0.99f,
        [Range(0, float.MaxValue)] float eps = 1e-8f,
        [Range(0, float.MaxValue)] float weightDecay = 0f,
        [Range(0, float.MaxValue)] float momentum = 0f,
        bool centered = false)
    {
        float gradient = g + weightDecay * p;
        if (centered)
        {
            float deviation = gradient - gAvg;
            v = alpha * (v + (1 - alpha) * deviation * deviation);
            gAvg = alpha * gAvg + (1 - alpha) * gradient;
        }
        else
        {
            v = alpha * v + (1 - alpha) * gradient * gradient;
        }

        float update = gradient / (MathF.Sqrt(v) + eps);
        if (momentum > 0)
        {
            buffer = momentum * buffer + update;
            update = buffer;
        }

        p -= lr * update;
    }
}
