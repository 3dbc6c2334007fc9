namespace Requant.Optimizers.Tests.Published;

/// <summary>Published variants of Adam's learning rate for each element, which the library does not ship, as their
/// papers print them.</summary>
public static class AdaptiveRateRules
{
    /// <summary>AdaBelief: Zhuang et al., "AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed
    /// Gradients", arXiv 2010.07468, algorithm 2.</summary>
    [OptimizerRule]
    public static void AdaBelief(
        ref float p, float g, [State] ref float m, [State(Codec.DynamicUnsigned)] ref float s, int step,
        float lr = 1e-3f, float beta1 = 0.9f, float beta2 = 0.999f, float eps = 1e-8f)
    {
        m = beta1 * m + (1 - beta1) * g;
        s = beta2 * s + (1 - beta2) * (g - m) * (g - m) + eps;
        float mHat = m / (1 - MathF.Pow(beta1, step));
        float sHat = s / (1 - MathF.Pow(beta2, step));
        p -= lr * mHat / (MathF.Sqrt(sHat) + eps);
    }

    /// <summary>RAdam: Liu et al., "On the Variance of the Adaptive Learning Rate and Beyond", arXiv 1908.03265,
    /// algorithm 2. As in PyTorch there is an eps, without which an element that never had a
    /// gradient is 0 / 0.</summary>
    [OptimizerRule]
    public static void RAdam(
        ref float p, float g, [State] ref float m, [State(Codec.DynamicUnsigned)] ref float v, int step,
        float lr = 1e-3f, float beta1 = 0.9f, float beta2 = 0.999f, float eps = 1e-8f)
    {
        float rhoMax = 2 / (1 - beta2) - 1;
        float beta2Power = MathF.Pow(beta2, step);
        float rho = rhoMax - 2 * step * beta2Power / (1 - beta2Power);

        v = beta2 * v + (1 - beta2) * g * g;
        m = beta1 * m + (1 - beta1) * g;
        float mHat = m / (1 - MathF.Pow(beta1, step));
        if (rho > 4)
        {
            float l = MathF.Sqrt(1 - beta2Power) / (MathF.Sqrt(v) + eps);
            float r = MathF.Sqrt((rho - 4) * (rho - 2) * rhoMax / ((rhoMax - 4) * (rhoMax - 2) * rho));
            p -= lr * r * mHat * l;
        }
        else
        {
            p -= lr * mHat;
        }
    }

    /// <summary>Yogi: Zaheer et al., "Adaptive Methods for Nonconvex Optimization", NeurIPS 2018, algorithm 2; it has
    /// no arXiv number.</summary>
    [OptimizerRule]
    public static void Yogi(
        ref float p, float g, [State] ref float m, [State(Codec.DynamicUnsigned)] ref float v,
        float lr = 1e-2f, float beta1 = 0.9f, float beta2 = 0.999f, float eps = 1e-3f)
    {
        m = beta1 * m + (1 - beta1) * g;
        v -= (1 - beta2) * MathF.Sign(v - g * g) * (g * g);
        p -= lr * m / (MathF.Sqrt(v) + eps);
    }

    /// <summary>AdaBound: Luo et al., "Adaptive Gradient Methods with Dynamic Bound of Learning Rate", arXiv
    /// 1902.09843, algorithm 2, with the bounds of the paper's experiments.</summary>
    [OptimizerRule]
    public static void AdaBound(
        ref float p, float g, [State] ref float m, [State(Codec.DynamicUnsigned)] ref float v, int step,
        float lr = 1e-3f, float beta1 = 0.9f, float beta2 = 0.999f, float finalLr = 0.1f)
    {
        m = beta1 * m + (1 - beta1) * g;
        v = beta2 * v + (1 - beta2) * g * g;
        float lower = finalLr * (1 - 1 / ((1 - beta2) * step + 1));
        float upper = finalLr * (1 + 1 / ((1 - beta2) * step));
        p -= Math.Clamp(lr / MathF.Sqrt(v), lower, upper) / MathF.Sqrt(step) * m;
    }

    /// <summary>AdaMod: Ding et al., "An Adaptive and Momental Bound Method for Stochastic Learning", arXiv 1910.12249,
    /// algorithm 1.</summary>
    [OptimizerRule]
    public static void AdaMod(
        ref float p, float g, [State] ref float m, [State(Codec.DynamicUnsigned)] ref float v,
        [State(Codec.DynamicUnsigned)] ref float s, int step,
        float lr = 1e-3f, float beta1 = 0.9f, float beta2 = 0.999f, float beta3 = 0.999f, float eps = 1e-8f)
    {
        m = beta1 * m + (1 - beta1) * g;
        v = beta2 * v + (1 - beta2) * g * g;
        float mHat = m / (1 - MathF.Pow(beta1, step));
        float vHat = v / (1 - MathF.Pow(beta2, step));
        float eta = lr / (MathF.Sqrt(vHat) + eps);
        s = beta3 * s + (1 - beta3) * eta;
        p -= MathF.Min(eta, s) * mHat;
    }

    /// <summary>Padam: Chen et al., "Closing the Generalization Gap of Adaptive Gradient Methods in Training Deep
    /// Neural Networks", arXiv 1806.06763, algorithm 1. eps is that of the authors' code.</summary>
    [OptimizerRule]
    public static void Padam(
        ref float p, float g, [State] ref float m, [State(Codec.DynamicUnsigned)] ref float v,
        [State(Codec.DynamicUnsigned)] ref float vHat,
        float lr = 0.1f, float beta1 = 0.9f, float beta2 = 0.999f, float partial = 0.125f, float eps = 1e-8f)
    {
        m = beta1 * m + (1 - beta1) * g;
        v = beta2 * v + (1 - beta2) * g * g;
        vHat = MathF.Max(vHat, v);
        p -= lr * m / MathF.Pow(MathF.Sqrt(vHat) + eps, 2 * partial);
    }

    /// <summary>QHAdam: Ma and Yarats, "Quasi-hyperbolic momentum and Adam for deep learning",
    /// arXiv 1810.06801.</summary>
    [OptimizerRule]
    public static void QHAdam(
        ref float p, float g, [State] ref float m, [State(Codec.DynamicUnsigned)] ref float v, int step,
        float lr = 1e-3f, float beta1 = 0.999f, float beta2 = 0.999f, float nu1 = 0.7f, float nu2 = 1f,
        float eps = 1e-8f)
    {
        m = beta1 * m + (1 - beta1) * g;
        v = beta2 * v + (1 - beta2) * g * g;
        float mHat = m / (1 - MathF.Pow(beta1, step));
        float vHat = v / (1 - MathF.Pow(beta2, step));
        p -= lr * ((1 - nu1) * g + nu1 * mHat) / (MathF.Sqrt((1 - nu2) * (g * g) + nu2 * vHat) + eps);
    }

    /// <summary>diffGrad: Dubey et al., "diffGrad: An Optimization Method for Convolutional Neural Networks", arXiv
    /// 1909.11015.</summary>
    [OptimizerRule]
    public static void DiffGrad(
        ref float p, float g, [State] ref float m, [State(Codec.DynamicUnsigned)] ref float v,
        [State] ref float previous, int step,
        float lr = 1e-3f, float beta1 = 0.9f, float beta2 = 0.999f, float eps = 1e-8f)
    {
        m = beta1 * m + (1 - beta1) * g;
        v = beta2 * v + (1 - beta2) * g * g;
        float friction = Sigmoid(MathF.Abs(previous - g));
        float mHat = m / (1 - MathF.Pow(beta1, step));
        float vHat = v / (1 - MathF.Pow(beta2, step));
        p -= lr * friction * mHat / (MathF.Sqrt(vHat) + eps);
        previous = g;
    }

    /// <summary>LaProp: Ziyin, Wang and Ueda, "LaProp: Separating Momentum and Adaptivity in Adam", arXiv 2002.04839,
    /// algorithm 1.</summary>
    [OptimizerRule]
    public static void LaProp(
        ref float p, float g, [State(Codec.DynamicUnsigned)] ref float n, [State] ref float m, int step,
        float lr = 4e-4f, float mu = 0.8f, float nu = 0.999f, float eps = 1e-15f)
    {
        n = nu * n + (1 - nu) * g * g;
        float nHat = n / (1 - MathF.Pow(nu, step));
        m = mu * m + (1 - mu) * g / (MathF.Sqrt(nHat) + eps);
        p -= lr * m / (1 - MathF.Pow(mu, step));
    }

    private static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));
}
