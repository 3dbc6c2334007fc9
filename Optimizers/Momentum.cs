using System.ComponentModel.DataAnnotations;

namespace Requant.Optimizers;

/// <summary>Stochastic gradient descent with momentum, as <c>torch.optim.SGD</c>. Source: Sutskever et al., "On the
/// importance of initialization and momentum in deep learning", ICML 2013.</summary>
public static class MomentumRule
{
    /// <summary>
    /// <code>
    /// g  = g + weightDecay p
    /// m  = g in its first step, then beta m + (1 - dampening) g
    /// p  = p - lr m                  nesterov: p - lr (g + beta m)
    /// </code>
    /// </summary>
    /// <remarks>As in PyTorch, dampening does not apply to the first step of the buffer, which comes later where
    /// <paramref name="beta"/> is 0 in the beginning. The factor is
    /// called <c>beta</c>, as in the paper on 8-bit states; PyTorch calls it <c>momentum</c>.</remarks>
    /// <example>
    /// <code>var sgd = new Optimizer&lt;Momentum&gt;(new Momentum { Lr = 0.1f, Nesterov = true });</code>
    /// </example>
    /// <param name="p">Parameter element.</param>
    /// <param name="g">Its gradient.</param>
    /// <param name="m">Momentum buffer.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="beta">Momentum factor, 0 for plain gradient descent.</param>
    /// <param name="dampening">Reduces the gradient's part in the buffer.</param>
    /// <param name="weightDecay">L2 penalty.</param>
    /// <param name="nesterov">Whether to look ahead.</param>
    [OptimizerRule]
    [TorchOptimizer("learningRate = lr !", "momentum = beta : 0", "dampening", "weight_decay", "nesterov",
        Name = "Sgd8bit", Replaces = "torch.optim.SGD")]
    public static void Momentum(
        ref float p, float g, [State] ref float m,
        [Range(0, float.MaxValue)] float lr = 1e-3f,
        [Range(0, float.MaxValue)] float beta = 0.9f,
        float dampening = 0f,
        [Range(0, float.MaxValue)] float weightDecay = 0f,
        bool nesterov = false)
    {
        float direction = g + weightDecay * p;
        if (beta != 0)
        {
            m = State.IsFirst(m) ? direction : beta * m + (1 - dampening) * direction;
            direction = nesterov ? direction + beta * m : m;
        }

        p -= lr * direction;
    }
}
