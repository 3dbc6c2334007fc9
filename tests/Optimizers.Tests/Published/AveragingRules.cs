namespace Requant.Optimizers.Tests.Published;

/// <summary>Published optimizers that remember more than two moments: earlier gradients, averages of gradients or of
/// parameters, and the parameters that they began with.</summary>
public static class AveragingRules
{
    /// <summary>Adan: Xie et al., "Adan: Adaptive Nesterov Momentum Algorithm for Faster Optimizing Deep Models", arXiv
    /// 2208.06677, algorithm 1 without restarts. The authors' code has one minus these betas.</summary>
    [OptimizerRule]
    public static void Adan(
        ref float p, float g, [State] ref float m, [State] ref float v, [State(Codec.DynamicUnsigned)] ref float n,
        [State] ref float previous, int step,
        float lr = 1e-3f, float beta1 = 0.02f, float beta2 = 0.08f, float beta3 = 0.01f, float eps = 1e-8f,
        float weightDecay = 0.02f)
    {
        if (step == 1)
        {
            m = g;
            n = g * g;
            previous = g;
        }

        float difference = g - previous;
        float ahead = g + (1 - beta2) * difference;
        m = (1 - beta1) * m + beta1 * g;
        v = (1 - beta2) * v + beta2 * difference;
        n = (1 - beta3) * n + beta3 * ahead * ahead;
        float eta = lr / (MathF.Sqrt(n) + eps);
        p = (p - eta * (m + (1 - beta2) * v)) / (1 + weightDecay * lr);
        previous = g;
    }

    /// <summary>Schedule-Free AdamW: Defazio et al., "The Road Less Scheduled", arXiv 2405.15682, algorithm 1. The
    /// parameter is the point y, where the gradient is taken; x is the one to evaluate.</summary>
    [OptimizerRule]
    public static void ScheduleFreeAdamW(
        ref float p, float g, [State(Codec.Float32)] ref float x, [State(Codec.Float32)] ref float z,
        [State(Codec.DynamicUnsigned)] ref float v, [TensorState] ref float squaredRates, int step,
        float lr = 2.5e-3f, float beta1 = 0.9f, float beta2 = 0.999f, float eps = 1e-8f, float weightDecay = 0f,
        int warmup = 0)
    {
        if (step == 1)
        {
            x = p;
            z = p;
        }

        v = beta2 * v + (1 - beta2) * g * g;
        float rate = lr * MathF.Sqrt(1 - MathF.Pow(beta2, step));
        if (step < warmup)
        {
            rate *= (float)step / warmup;
        }

        squaredRates += rate * rate;
        float c = rate * rate / squaredRates;

        z -= rate * g / (MathF.Sqrt(v) + eps) + rate * weightDecay * p;
        x = (1 - c) * x + c * z;
        p = (1 - beta1) * z + beta1 * x;
    }

    /// <summary>ADOPT: Taniguchi et al., "ADOPT: Modified Adam Can Converge with Any β2 with the Optimal Rate", arXiv
    /// 2411.02853, with the clipping of its later versions, by the fourth root of the step. The paper counts the
    /// first step as 0.</summary>
    [OptimizerRule]
    public static void Adopt(
        ref float p, float g, [State] ref float m, [State(Codec.DynamicUnsigned)] ref float v, int step,
        float lr = 1e-3f, float beta1 = 0.9f, float beta2 = 0.9999f, float eps = 1e-6f)
    {
        if (step == 1)
        {
            v = g * g;
            return;
        }

        float c = MathF.Pow(step - 1, 0.25f);
        m = beta1 * m + (1 - beta1) * Math.Clamp(g / MathF.Max(MathF.Sqrt(v), eps), -c, c);
        p -= lr * m;
        v = beta2 * v + (1 - beta2) * g * g;
    }

    /// <summary>AdamW on gradients whose slow part is amplified: Lee et al., "Grokfast: Accelerated Grokking by
    /// Amplifying Slow Gradients", arXiv 2405.20233 (Grokfast-EMA).</summary>
    [OptimizerRule]
    public static void GrokfastAdamW(
        ref float p, float g, [State] ref float mu, [State] ref float m, [State(Codec.DynamicUnsigned)] ref float v,
        int step,
        float lr = 1e-3f, float beta1 = 0.9f, float beta2 = 0.98f, float eps = 1e-8f, float weightDecay = 0.01f,
        float alpha = 0.98f, float lambda = 2f)
    {
        mu = alpha * mu + (1 - alpha) * g;
        float gradient = g + lambda * mu;

        p -= lr * weightDecay * p;
        m = beta1 * m + (1 - beta1) * gradient;
        v = beta2 * v + (1 - beta2) * gradient * gradient;
        float mHat = m / (1 - MathF.Pow(beta1, step));
        float vHat = v / (1 - MathF.Pow(beta2, step));
        p -= lr * mHat / (MathF.Sqrt(vHat) + eps);
    }

    /// <summary>MADGRAD: Defazio and Jelassi, "Adaptivity without Compromise: A Momentumized, Adaptive, Dual Averaged
    /// Gradient Method for Stochastic Optimization", arXiv 2101.11075, algorithm 1, where k begins at 0.</summary>
    [OptimizerRule]
    public static void Madgrad(
        ref float p, float g, [State(Codec.Float32)] ref float x0, [State] ref float s,
        [State(Codec.DynamicUnsigned)] ref float nu, int step,
        float lr = 1e-2f, float c = 0.1f, float eps = 1e-6f)
    {
        if (step == 1)
        {
            x0 = p;
        }

        float weight = lr * MathF.Sqrt(step);
        s += weight * g;
        nu += weight * (g * g);
        float z = x0 - s / (MathF.Cbrt(nu) + eps);
        p = (1 - c) * p + c * z;
    }

    /// <summary>Aggregated momentum: Lucas et al., "Aggregated Momentum: Stability Through Passive Damping", arXiv
    /// 1804.00325, with the paper's three damping coefficients.</summary>
    [OptimizerRule]
    public static void AggMo(
        ref float p, float g, [State] ref float v1, [State] ref float v2, [State] ref float v3,
        float lr = 0.1f, float beta1 = 0f, float beta2 = 0.9f, float beta3 = 0.99f)
    {
        v1 = beta1 * v1 - g;
        v2 = beta2 * v2 - g;
        v3 = beta3 * v3 - g;
        p += lr / 3 * (v1 + v2 + v3);
    }
}
