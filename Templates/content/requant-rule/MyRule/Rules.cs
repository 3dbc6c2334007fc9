using Requant;

namespace Training;

/// <summary>The optimizer rules of this project; each becomes a type beside this class.</summary>
public static class Rules
{
    /// <summary>One step of one element: Lion, arXiv 2302.06675, to begin with.</summary>
    /// <param name="p">The parameter's element; assign to it to update it.</param>
    /// <param name="g">Its gradient.</param>
    /// <param name="m">A state: 8 bits an element between steps, an ordinary float here.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="beta1">Share of the momentum in an update.</param>
    /// <param name="beta2">Decay of the momentum.</param>
    /// <param name="weightDecay">Decoupled weight decay.</param>
    [OptimizerRule]
    public static void TheRule(
        ref float p, float g, [State] ref float m,
        float lr = 1e-3f, float beta1 = 0.9f, float beta2 = 0.99f, float weightDecay = 0f)
    {
        float update = beta1 * m + (1 - beta1) * g;
        p -= lr * (MathF.Sign(update) + weightDecay * p);
        m = beta2 * m + (1 - beta2) * g;
    }
}
