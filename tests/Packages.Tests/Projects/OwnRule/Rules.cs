using System;
using Requant;

[assembly: CLSCompliant(true)]

namespace Company.Training;

/// <summary>Rules of this company.</summary>
internal static class Rules
{
    /// <summary>Lion, from its paper, under a name that the shipped one leaves free.</summary>
    [OptimizerRule]
    public static void OwnLion(
        ref float p, float g, [State] ref float m,
        float lr = 1e-4f, float beta1 = 0.9f, float beta2 = 0.99f, float weightDecay = 0f)
    {
        float update = beta1 * m + (1 - beta1) * g;
        p -= lr * (MathF.Sign(update) + weightDecay * p);
        m = beta2 * m + (1 - beta2) * g;
    }

    /// <summary>Something of everything: two states, flags, the step, a helper and a reduction.</summary>
    [OptimizerRule(Name = "Everything")]
    public static void RuleWithEverything(
        ref float p, float g, [State] ref float m, [State(Codec.DynamicUnsigned)] ref float v, int step,
        float lr = 1e-3f, float beta = 0.9f, int warmup = 10, bool bounded = false, bool decayed = true)
    {
        m = beta * m + (1 - beta) * g;
        v = beta * v + (1 - beta) * Square(g);
        float update = m / (MathF.Sqrt(v) + 1e-8f);
        float norm = Reduce.Norm(update);
        if (bounded)
        {
            update = norm > 1 ? update / norm : update;
        }
        else if (step < warmup && update != 0)
        {
            update *= (float)step / warmup;
        }

        p -= lr * (decayed ? update + 0.01f * p : update) / (1 - MathF.Pow(beta, step));
    }

    /// <summary>No state and no hyperparameter.</summary>
    [OptimizerRule]
    public static void Descent(ref float p, float g) => p -= 0.1f * g;

    private static float Square(float x) => x * x;
}
