using System.ComponentModel.DataAnnotations;

namespace Requant.Optimizers;

/// <summary>LARS: momentum with a learning rate of each layer's own. Source: You, Gitman and Ginsburg, "Large Batch
/// Training of Convolutional Networks", arXiv 1708.03888, algorithm 1.</summary>
public static class LarsRule
{
    /// <summary>
    /// <code>
    /// localRate = trustCoefficient ‖p‖ / (‖g‖ + weightDecay ‖p‖ + eps)    1 where a norm is 0
    /// m         = momentum m + lr localRate (g + weightDecay p)
    /// p         = p - m
    /// </code>
    /// </summary>
    /// <remarks>PyTorch has no LARS. The norms run over the whole parameter tensor, before anything is written. As in
    /// the paper both rates go into the momentum; libraries that keep them outside of it agree while they do not
    /// change. The paper has no <paramref name="eps"/>, and gives parameters of norm 0, such as biases at the start, a
    /// rate of 0: they get the global one here.</remarks>
    /// <example><code>var lars = new Optimizer&lt;Lars&gt;(new Lars { Lr = 1f, WeightDecay = 5e-4f });</code></example>
    /// <param name="p">Parameter element.</param>
    /// <param name="g">Its gradient.</param>
    /// <param name="m">Momentum buffer, in units of the parameter.</param>
    /// <param name="lr">Global learning rate.</param>
    /// <param name="momentum">Momentum factor, 0 for none.</param>
    /// <param name="weightDecay">L2 penalty.</param>
    /// <param name="trustCoefficient">How far a layer may move, relative to its norm.</param>
    /// <param name="eps">Added to the denominator.</param>
    [OptimizerRule]
    public static void Lars(
        ref float p, float g, [State] ref float m,
        [Range(0, float.MaxValue)] float lr = 0.1f,
        [Range(0, float.MaxValue)] float momentum = 0.9f,
        [Range(0, float.MaxValue)] float weightDecay = 0f,
        [Range(0, float.MaxValue)] float trustCoefficient = 1e-3f,
        [Range(0, float.MaxValue)] float eps = 1e-8f)
    {
        float parameterNorm = Reduce.Norm(p);
        float gradientNorm = Reduce.Norm(g);
        float localRate = parameterNorm > 0 && gradientNorm > 0
            ? trustCoefficient * parameterNorm / (gradientNorm + weightDecay * parameterNorm + eps)
            : 1f;

        float update = lr * localRate * (g + weightDecay * p);
        if (momentum != 0)
        {
            m = momentum * m + update;
            update = m;
        }

        p -= update;
    }
}
