namespace Requant.Bench.States;

/// <summary>Rules that differ from the shipped ones in a state's codec.</summary>
public static class Variants
{
    /// <summary>AdEMAMix without warm-up, with its slow moment in 8 bits too.</summary>
    [OptimizerRule]
    public static void QuantizedAdEMAMix(
        ref float p, float g, [State] ref float m1, [State] ref float m2,
        [State(Codec.MiniFloatUnsigned, Rounding = StateRounding.Stochastic)]
        ref float v, int step,
        float lr = 1e-3f, float beta1 = 0.9f, float beta2 = 0.999f, float beta3 = 0.9999f, float alpha = 5f,
        float eps = 1e-8f)
    {
        m1 = beta1 * m1 + (1 - beta1) * g;
        m2 = beta3 * m2 + (1 - beta3) * g;
        v = beta2 * v + (1 - beta2) * g * g;
        float fast = m1 / (1 - MathF.Pow(beta1, step));
        p -= lr * (fast + alpha * m2) / (MathF.Sqrt(v / (1 - MathF.Pow(beta2, step))) + eps);
    }
}
