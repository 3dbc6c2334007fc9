namespace Requant.Optimizers.Tests.Published;

/// <summary>Published optimizers in which an element's update depends on the whole tensor.</summary>
public static class WholeTensorRules
{
    /// <summary>Prodigy: Mishchenko and Defazio, "Prodigy: An Expeditiously Adaptive Parameter-Free Learner", arXiv
    /// 2306.06101, algorithm 4, for one tensor; d keeps its value while all gradients have been 0.</summary>
    [OptimizerRule]
    public static void Prodigy(
        ref float p, float g, [State(Codec.Float32)] ref float x0, [State] ref float m,
        [State(Codec.DynamicUnsigned)] ref float v,
        [State] ref float s, [TensorState] ref float d, [TensorState] ref float r, int step,
        float lr = 1f, float beta1 = 0.9f, float beta2 = 0.999f, float eps = 1e-8f, float d0 = 1e-6f)
    {
        if (step == 1)
        {
            x0 = p;
            d = d0;
        }

        float beta3 = MathF.Sqrt(beta2);
        m = beta1 * m + (1 - beta1) * (d * g);
        v = beta2 * v + (1 - beta2) * (d * g) * (d * g);
        r = beta3 * r + (1 - beta3) * (lr * d * d) * Reduce.Sum(g * (x0 - p));
        s = beta3 * s + (1 - beta3) * (lr * d * d) * g;
        float norm = Reduce.Sum(MathF.Abs(s));
        p -= lr * d * m / (MathF.Sqrt(v) + d * eps);
        d = norm > 0 ? MathF.Max(d, r / norm) : d;
    }

    /// <summary>Layer-wise DoG: Ivgi, Hinder and Carmon, "DoG is SGD's Best Friend: A Parameter-Free Dynamic Step Size
    /// Schedule", arXiv 2302.12022.</summary>
    [OptimizerRule]
    public static void LayerwiseDoG(
        ref float p, float g, [State(Codec.Float32)] ref float x0, [TensorState] ref float distance,
        [TensorState] ref float squares, int step,
        float initialDistance = 1e-6f, float eps = 1e-8f)
    {
        if (step == 1)
        {
            x0 = p;
            distance = initialDistance * (1 + Reduce.Norm(p));
        }

        distance = MathF.Max(distance, Reduce.Norm(p - x0));
        squares += Reduce.Sum(g * g);
        p -= distance / MathF.Sqrt(squares + eps) * g;
    }

    /// <summary>StableAdamW: Wortsman et al., "Stable and low-precision training for large-scale vision-language
    /// models", arXiv 2304.13013, algorithm 2.</summary>
    [OptimizerRule]
    public static void StableAdamW(
        ref float p, float g, [State] ref float m, [State(Codec.DynamicUnsigned)] ref float u, int step,
        float lr = 1e-3f, float beta1 = 0.9f, float beta2 = 0.99f, float eps = 1e-6f, float weightDecay = 0.01f)
    {
        float beta1Hat = beta1 * (1 - MathF.Pow(beta1, step - 1)) / (1 - MathF.Pow(beta1, step));
        float beta2Hat = beta2 * (1 - MathF.Pow(beta2, step - 1)) / (1 - MathF.Pow(beta2, step));
        m = beta1Hat * m + (1 - beta1Hat) * g;
        u = beta2Hat * u + (1 - beta2Hat) * g * g;
        float rms = MathF.Sqrt(Reduce.Mean(g * g / MathF.Max(u, eps * eps)));
        float eta = lr / MathF.Max(1, rms);
        p = p - eta * weightDecay * p - eta * m / (MathF.Sqrt(u) + eps);
    }

    /// <summary>LAMBC: Fong, Chen and Chen, "Improving Layer-wise Adaptive Rate Methods using Trust Ratio Clipping",
    /// arXiv 2011.13584; the ratio is 1 where a norm is 0.</summary>
    [OptimizerRule]
    public static void LambC(
        ref float p, float g, [State] ref float m, [State(Codec.DynamicUnsigned)] ref float v, int step,
        float lr = 1e-3f, float beta1 = 0.9f, float beta2 = 0.999f, float eps = 1e-6f, float weightDecay = 0.01f,
        float minTrustRatio = 0f, float maxTrustRatio = 1f)
    {
        m = beta1 * m + (1 - beta1) * g;
        v = beta2 * v + (1 - beta2) * g * g;
        float mHat = m / (1 - MathF.Pow(beta1, step));
        float vHat = v / (1 - MathF.Pow(beta2, step));
        float update = mHat / (MathF.Sqrt(vHat) + eps) + weightDecay * p;

        float parameterNorm = Reduce.Norm(p);
        float updateNorm = Reduce.Norm(update);
        float trustRatio = parameterNorm > 0 && updateNorm > 0 ? parameterNorm / updateNorm : 1f;
        p -= lr * Math.Clamp(trustRatio, minTrustRatio, maxTrustRatio) * update;
    }

    /// <summary>AdamP: Heo et al., "AdamP: Slowing Down the Slowdown for Momentum Optimizers on Scale-invariant
    /// Weights", arXiv 2006.08217, algorithm 2.</summary>
    [OptimizerRule]
    public static void AdamP(
        ref float p, float g, [State] ref float m, [State(Codec.DynamicUnsigned)] ref float v,
        float lr = 1e-3f, float beta1 = 0.9f, float beta2 = 0.999f, float eps = 1e-8f, float delta = 0.1f)
    {
        m = beta1 * m + (1 - beta1) * g;
        v = beta2 * v + (1 - beta2) * g * g;
        float update = m / (MathF.Sqrt(v) + eps);

        float parameterNorm = Reduce.Norm(p);
        float cosine = MathF.Abs(Reduce.Sum(p * g)) / (parameterNorm * Reduce.Norm(g));
        if (cosine < delta / MathF.Sqrt(Reduce.Sum(1)))
        {
            update -= Reduce.Sum(p * update) / (parameterNorm * parameterNorm) * p;
        }

        p -= lr * update;
    }

    /// <summary>AdamW that waits where momentum and gradient disagree: Liang et al., "Cautious Optimizers: Improving
    /// Training with One Line of Code", arXiv 2411.16085, algorithm 1.</summary>
    [OptimizerRule]
    public static void CautiousAdamW(
        ref float p, float g, [State] ref float m, [State(Codec.DynamicUnsigned)] ref float v, int step,
        float lr = 1e-3f, float beta1 = 0.9f, float beta2 = 0.999f, float eps = 1e-8f, float weightDecay = 0.01f)
    {
        p -= lr * weightDecay * p;
        m = beta1 * m + (1 - beta1) * g;
        v = beta2 * v + (1 - beta2) * g * g;
        float mHat = m / (1 - MathF.Pow(beta1, step));
        float vHat = v / (1 - MathF.Pow(beta2, step));
        float u = mHat / (MathF.Sqrt(vHat) + eps);
        float mask = u * g > 0 ? 1 : 0;
        p -= lr * u * mask / (Reduce.Mean(mask) + eps);
    }

    /// <summary>MARS-AdamW: Yuan et al., "MARS: Unleashing the Power of Variance Reduction for Training Large Models",
    /// arXiv 2411.10438, algorithm 2, with the gradient of the last step in the place of a second one on
    /// the same data.</summary>
    [OptimizerRule]
    public static void MarsAdamW(
        ref float p, float g, [State] ref float m, [State(Codec.DynamicUnsigned)] ref float v,
        [State] ref float previous, int step,
        float lr = 1e-3f, float beta1 = 0.95f, float beta2 = 0.99f, float gamma = 0.025f, float eps = 1e-8f,
        float weightDecay = 0.01f)
    {
        float c = step == 1 ? g : g + gamma * beta1 / (1 - beta1) * (g - previous);
        float norm = Reduce.Norm(c);
        if (norm > 1)
        {
            c /= norm;
        }

        m = beta1 * m + (1 - beta1) * c;
        v = beta2 * v + (1 - beta2) * c * c;
        float mHat = m / (1 - MathF.Pow(beta1, step));
        float vHat = v / (1 - MathF.Pow(beta2, step));
        p -= lr * (mHat / (MathF.Sqrt(vHat) + eps) + weightDecay * p);
        previous = g;
    }

    /// <summary>Fromage: Bernstein et al., "On the distance between two neural networks and the stability of learning",
    /// arXiv 2002.03432, algorithm 1. It has no state; where a norm is 0 it is gradient descent, as in the
    /// authors' code.</summary>
    [OptimizerRule]
    public static void Fromage(ref float p, float g, float lr = 0.01f)
    {
        float parameterNorm = Reduce.Norm(p);
        float gradientNorm = Reduce.Norm(g);
        float scale = parameterNorm > 0 && gradientNorm > 0 ? parameterNorm / gradientNorm : 1f;
        p = (p - lr * scale * g) / MathF.Sqrt(1 + lr * lr);
    }
}
