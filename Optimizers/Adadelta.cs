using System.ComponentModel.DataAnnotations;

namespace Requant.Optimizers;

/// <summary>Adadelta, as <c>torch.optim.Adadelta</c>. Source: Zeiler, "ADADELTA: An Adaptive Learning Rate Method",
/// arXiv 1212.5701, algorithm 1.</summary>
public static class AdadeltaRule
{
    /// <summary>
    /// <code>
    /// g        = g + weightDecay p
    /// v        = rho v + (1 - rho) g²
    /// d        = √(deltaAvg + eps) / √(v + eps) g
    /// deltaAvg = rho deltaAvg + (1 - rho) d²
    /// p        = p - lr d
    /// </code>
    /// </summary>
    /// <remarks>The paper has no learning rate: it is 1, PyTorch's default. The mean of squared updates feeds back into
    /// the updates, and rounding with it: after 10,000 steps half of its elements were within 9 % of float32 ones, but
    /// a few large ones so far off that the norm of the difference was 39 % (docs/perf/states.md). The update takes the
    /// root.</remarks>
    /// <example><code>var adadelta = new Optimizer&lt;Adadelta&gt;(new Adadelta());</code></example>
    /// <param name="p">Parameter element.</param>
    /// <param name="g">Its gradient.</param>
    /// <param name="v">Mean of squared gradients.</param>
    /// <param name="deltaAvg">Mean of squared updates.</param>
    /// <param name="lr">Scales the update.</param>
    /// <param name="rho">Decay of both means.</param>
    /// <param name="eps">Added under both roots.</param>
    /// <param name="weightDecay">L2 penalty.</param>
    [OptimizerRule]
    [TorchOptimizer(Replaces = "torch.optim.Adadelta")]
    public static void Adadelta(
        ref float p, float g, [State(Codec.MiniFloatUnsigned, Rounding = StateRounding.Stochastic)] ref float v,
        [State(Codec.MiniFloatUnsigned, Rounding = StateRounding.Stochastic)] ref float deltaAvg,
        [Range(0, float.MaxValue)] float lr = 1f,
        [Range(0, 1, MaximumIsExclusive = true)] float rho = 0.9f,
        [Range(0, float.MaxValue)] float eps = 1e-6f,
        [Range(0, float.MaxValue)] float weightDecay = 0f)
    {
        float gradient = g + weightDecay * p;
        v = rho * v + (1 - rho) * gradient * gradient;
        float delta = MathF.Sqrt(deltaAvg + eps) / MathF.Sqrt(v + eps) * gradient;
        deltaAvg = rho * deltaAvg + (1 - rho) * delta * delta;
        p -= lr * delta;
    }
}
