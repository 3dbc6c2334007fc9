using System.ComponentModel.DataAnnotations;

namespace Requant.Optimizers;

/// <summary>Signum: descent by the sign of the momentum. Source: Bernstein et al., "signSGD: Compressed Optimisation
/// for Non-Convex Problems", arXiv 1802.04434, algorithm 2.</summary>
public static class SignumRule
{
    /// <summary>
    /// <code>
    /// m  = momentum m + (1 - momentum) g
    /// p  = p - lr (sign(m) + weightDecay p)
    /// </code>
    /// </summary>
    /// <remarks>PyTorch has no Signum. Weight decay is decoupled, as in <see cref="LionRule.Lion"/>: in the gradient,
    /// the sign would forget its size. With <paramref name="momentum"/> 0 it is the paper's signSGD,
    /// algorithm 1.</remarks>
    /// <example><code>var signum = new Optimizer&lt;Signum&gt;(new Signum { Lr = 1e-4f });</code></example>
    /// <param name="p">Parameter element.</param>
    /// <param name="g">Its gradient.</param>
    /// <param name="m">Momentum.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="momentum">Decay of the momentum.</param>
    /// <param name="weightDecay">Decoupled weight decay, multiplied by the learning rate.</param>
    [OptimizerRule]
    public static void Signum(
        ref float p, float g, [State] ref float m,
        [Range(0, float.MaxValue)] float lr = 1e-4f,
        [Range(0, 1, MaximumIsExclusive = true)] float momentum = 0.9f,
        [Range(0, float.MaxValue)] float weightDecay = 0f)
    {
        float direction = g;
        if (momentum != 0)
        {
            m = momentum * m + (1 - momentum) * g;
            direction = m;
        }

        p -= lr * (MathF.Sign(direction) + weightDecay * p);
    }
}
