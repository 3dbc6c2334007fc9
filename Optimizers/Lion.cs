using System.ComponentModel.DataAnnotations;

namespace Requant.Optimizers;

/// <summary>Lion. Source: Chen et al., "Symbolic Discovery of Optimization Algorithms", arXiv 2302.06675,
/// algorithm 2.</summary>
public static class LionRule
{
    /// <summary>
    /// <code>
    /// u  = beta1 m + (1 - beta1) g
    /// p  = p - lr (sign(u) + weightDecay p)
    /// m  = beta2 m + (1 - beta2) g
    /// </code>
    /// </summary>
    /// <remarks>PyTorch has no Lion; names and defaults are the paper's. Every element moves by the learning rate, so
    /// it wants one 3 to 10 times smaller than AdamW's and a weight decay as much larger. sign(0) is 0: an element that
    /// has never had a gradient stays.</remarks>
    /// <example><code>var lion = new Optimizer&lt;Lion&gt;(new Lion { Lr = 1e-4f, WeightDecay = 1f });</code></example>
    /// <param name="p">Parameter element.</param>
    /// <param name="g">Its gradient.</param>
    /// <param name="m">Momentum.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="beta1">Weight of the momentum in the update.</param>
    /// <param name="beta2">Decay of the momentum.</param>
    /// <param name="weightDecay">Decoupled weight decay, multiplied by the learning rate.</param>
    [OptimizerRule]
    public static void Lion(
        ref float p, float g, [State] ref float m,
        [Range(0, float.MaxValue)] float lr = 1e-4f,
        [Range(0, 1, MaximumIsExclusive = true)] float beta1 = 0.9f,
        [Range(0, 1, MaximumIsExclusive = true)] float beta2 = 0.99f,
        [Range(0, float.MaxValue)] float weightDecay = 0f)
    {
        float update = beta1 * m + (1 - beta1) * g;
        p -= lr * (MathF.Sign(update) + weightDecay * p);
        m = beta2 * m + (1 - beta2) * g;
    }
}
