using System.ComponentModel.DataAnnotations;

namespace Requant.Optimizers;

/// <summary>Stochastic gradient descent with momentum and decoupled weight decay. Source: Loshchilov and Hutter, arXiv
/// 1711.05101, algorithm 1.</summary>
public static class SgdWRule
{
    /// <summary>
    /// <code>
    /// p  = p - lr weightDecay p
    /// m  = g in its first step, then momentum m + (1 - dampening) g
    /// p  = p - lr m                  nesterov: p - lr (g + momentum m)
    /// </code>
    /// </summary>
    /// <remarks>The paper keeps the learning rate inside the momentum and does not multiply the decay by it. Here the
    /// momentum is that of <c>torch.optim.SGD</c> and the decay that of <c>torch.optim.AdamW</c>, so that one schedule
    /// of the learning rate governs both; for a constant rate it is the paper's with a decay of lr
    /// weightDecay.</remarks>
    /// <example>
    /// <code>var sgdW = new Optimizer&lt;SgdW&gt;(new SgdW { Lr = 0.1f, WeightDecay = 5e-4f });</code>
    /// </example>
    /// <param name="p">Parameter element.</param>
    /// <param name="g">Its gradient.</param>
    /// <param name="m">Momentum buffer.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="momentum">Momentum factor, 0 for plain gradient descent.</param>
    /// <param name="dampening">Reduces the gradient's part in the buffer.</param>
    /// <param name="weightDecay">Decoupled weight decay, multiplied by the learning rate.</param>
    /// <param name="nesterov">Whether to look ahead.</param>
    [OptimizerRule]
    [TorchOptimizer("learningRate = lr !", "momentum : 0", "dampening", "weight_decay", "nesterov",
        Remarks = "TorchSharp has none; the arguments are those of <c>Sgd8bit</c>.")]
    public static void SgdW(
        ref float p, float g, [State] ref float m,
        [Range(0, float.MaxValue)] float lr = 1e-3f,
        [Range(0, float.MaxValue)] float momentum = 0.9f,
        float dampening = 0f,
        [Range(0, float.MaxValue)] float weightDecay = 0.01f,
        bool nesterov = false)
    {
        p *= 1 - lr * weightDecay;
        float direction = g;
        if (momentum != 0)
        {
            m = State.IsFirst(m) ? g : momentum * m + (1 - dampening) * g;
            direction = nesterov ? g + momentum * m : m;
        }

        p -= lr * direction;
    }
}
