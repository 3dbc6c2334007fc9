using System.ComponentModel.DataAnnotations;

namespace Requant.Optimizers;

/// <summary>NAdam: Adam with Nesterov's momentum, as <c>torch.optim.NAdam</c>. Source: Dozat, "Incorporating Nesterov
/// Momentum into Adam", ICLR workshop 2016.</summary>
public static class NAdamRule
{
    /// <summary>
    /// <code>
    /// g  = g + weightDecay p         decoupledWeightDecay: p = p - lr weightDecay p
    /// mu(step)   = beta1 (1 - 0.96^(step momentumDecay) / 2)
    /// muProduct  = mu(1) mu(2) … mu(step)
    /// m  = beta1 m + (1 - beta1) g
    /// v  = beta2 v + (1 - beta2) g²
    /// m̂  = mu(step + 1) m / (1 - muProduct mu(step + 1)) + (1 - mu(step)) g / (1 - muProduct)
    /// p  = p - lr m̂ / (√v̂ + eps)    with v̂ = v / (1 - beta2^step)
    /// </code>
    /// </summary>
    /// <remarks>The same numbers as PyTorch's.</remarks>
    /// <example><code>var nadam = new Optimizer&lt;NAdam&gt;(new NAdam { Lr = 2e-3f });</code></example>
    /// <param name="p">Parameter element.</param>
    /// <param name="g">Its gradient.</param>
    /// <param name="m">First moment.</param>
    /// <param name="v">Second moment.</param>
    /// <param name="muProduct">Product of the momentum factors of all steps so far, one number a tensor.</param>
    /// <param name="step">1 on the first update.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="beta1">Decay of the first moment.</param>
    /// <param name="beta2">Decay of the second moment.</param>
    /// <param name="eps">Added to the denominator.</param>
    /// <param name="weightDecay">L2 penalty, or decoupled weight decay.</param>
    /// <param name="momentumDecay">How fast the momentum factor grows from half of <paramref name="beta1"/>
    /// to all of it.</param>
    /// <param name="decoupledWeightDecay">Whether the decay is apart from the gradient, as in AdamW.</param>
    [OptimizerRule]
    [TorchOptimizer(
        Replaces = "torch.optim.NAdam", Remarks = "The arguments are PyTorch's; TorchSharp's has no decoupled decay.")]
    public static void NAdam(
        ref float p, float g, [State] ref float m,
        [State(Codec.MiniFloatUnsigned, Rounding = StateRounding.Stochastic)] ref float v,
        [TensorState(1f)] ref float muProduct, int step,
        [Range(0, float.MaxValue)] float lr = 2e-3f,
        [Range(0, 1, MaximumIsExclusive = true)] float beta1 = 0.9f,
        [Range(0, 1, MaximumIsExclusive = true)] float beta2 = 0.999f,
        [Range(0, float.MaxValue)] float eps = 1e-8f,
        [Range(0, float.MaxValue)] float weightDecay = 0f,
        [Range(0, float.MaxValue)] float momentumDecay = 4e-3f,
        bool decoupledWeightDecay = false)
    {
        float gradient = g;
        if (decoupledWeightDecay)
        {
            p *= 1 - lr * weightDecay;
        }
        else
        {
            gradient += weightDecay * p;
        }

        float mu = beta1 * (1 - 0.5f * MathF.Pow(0.96f, step * momentumDecay));
        float muNext = beta1 * (1 - 0.5f * MathF.Pow(0.96f, (step + 1) * momentumDecay));
        muProduct *= mu;

        m = beta1 * m + (1 - beta1) * gradient;
        v = beta2 * v + (1 - beta2) * gradient * gradient;

        float biasCorrection2 = 1 - MathF.Pow(beta2, step);
        float gradientRate = lr * (1 - mu) / (1 - muProduct);
        float momentRate = lr * muNext / (1 - muProduct * muNext);
        p -= (gradientRate * gradient + momentRate * m) / (MathF.Sqrt(v / biasCorrection2) + eps);
    }
}
