using Requant;

namespace Small;

/// <summary>Values of every type that are the same for all elements, and conditions on them.</summary>
public static class HyperparametersRule
{
    [OptimizerRule]
    public static void Hyperparameters(
        ref float p, float g, [State] ref float m, [State] ref float slow, int step,
        float lr = 1e-3f, int warmup = 10, int every = 3, bool maximize = false, float limit = float.PositiveInfinity)
    {
        float rate = lr * MathF.Min(1f, (float)step / warmup);
        float gradient = maximize ? -g : g;
        m += 0.1f * (gradient - m);
        if (every > 0 && step % 4 == 0)
        {
            slow = (slow + m) / (every + 1);
        }

        int whole = (int)(10 * lr) + every;
        p -= rate * MathF.Min(m, limit) + whole * slow;
    }
}
