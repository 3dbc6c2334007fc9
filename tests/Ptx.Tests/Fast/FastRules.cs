namespace Requant.Ptx.Tests.Fast;

/// <summary>Rules that allow fused and approximate arithmetic.</summary>
public static class FastRules
{
    /// <summary>Adam as shipped, but for its precision.</summary>
    [OptimizerRule(Precision = Precision.Fast)]
    public static void FastAdam(
        ref float p, float g, [State] ref float m, [State(Codec.DynamicUnsigned)] ref float v, int step,
        float lr = 1e-3f, float beta1 = 0.9f, float beta2 = 0.999f, float eps = 1e-8f, float weightDecay = 0f)
    {
        float gradient = g + weightDecay * p;
        m = beta1 * m + (1 - beta1) * gradient;
        v = beta2 * v + (1 - beta2) * gradient * gradient;

        float biasCorrection1 = 1 - MathF.Pow(beta1, step);
        float biasCorrection2Sqrt = MathF.Sqrt(1 - MathF.Pow(beta2, step));
        float stepSize = lr * biasCorrection2Sqrt / biasCorrection1;
        float epsHat = eps * biasCorrection2Sqrt;
        p -= stepSize * m / (MathF.Sqrt(v) + epsHat);
    }

    /// <summary>A state that is what a product and a gradient leave of each other, where the product has a second use in the pass that
    /// stores it. A fused multiply-add in one pass over a block and none in the other would give the state another magnitude.</summary>
    [OptimizerRule(Precision = Precision.Fast)]
    public static void Cancellation(ref float p, float g, [State] ref float m, float factor = 1.1f)
    {
        float product = factor * p;
        p = product + m;
        m = product - g;
    }
}
