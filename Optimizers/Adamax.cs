using System.ComponentModel.DataAnnotations;

namespace Requant.Optimizers;

/// <summary>Adamax: Adam with the infinity norm. Source: Kingma and Ba, arXiv 1412.6980, algorithm 2; eps and weight
/// decay as in <c>torch.optim.Adamax</c>.</summary>
public static class AdamaxRule
{
    /// <summary>
    /// <code>
    /// g  = g + weightDecay p
    /// m  = beta1 m + (1 - beta1) g
    /// u  = max(beta2 u, |g| + eps)
    /// p  = p - lr / (1 - beta1^step) m / u
    /// </code>
    /// </summary>
    /// <remarks>Weight decay is L2 regularization, part of the gradient. The paper has no <paramref name="eps"/>;
    /// PyTorch's keeps <paramref name="u"/> above 0.</remarks>
    /// <example><code>var adamax = new Optimizer&lt;Adamax&gt;(new Adamax { Lr = 2e-3f });</code></example>
    /// <param name="p">Parameter element.</param>
    /// <param name="g">Its gradient.</param>
    /// <param name="m">First moment.</param>
    /// <param name="u">Infinity norm of recent gradients.</param>
    /// <param name="step">1 on the first update.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="beta1">Decay of the first moment.</param>
    /// <param name="beta2">Decay of the norm.</param>
    /// <param name="eps">Added to the gradient's magnitude.</param>
    /// <param name="weightDecay">L2 penalty.</param>
    [OptimizerRule]
    [TorchOptimizer(Replaces = "torch.optim.Adamax")]
    public static void Adamax(
        ref float p, float g, [State] ref float m,
        [State(Codec.MiniFloatUnsigned, Rounding = StateRounding.Stochastic)] ref float u, int step,
        [Range(0, float.MaxValue)] float lr = 2e-3f,
        [Range(0, 1, MaximumIsExclusive = true)] float beta1 = 0.9f,
        [Range(0, 1, MaximumIsExclusive = true)] float beta2 = 0.999f,
        [Range(0, float.MaxValue)] float eps = 1e-8f,
        [Range(0, float.MaxValue)] float weightDecay = 0f)
    {
        float gradient = g + weightDecay * p;
        m = beta1 * m + (1 - beta1) * gradient;
        u = MathF.Max(beta2 * u, MathF.Abs(gradient) + eps);

        float stepSize = lr / (1 - MathF.Pow(beta1, step));
        p -= stepSize * m / u;
    }
}
