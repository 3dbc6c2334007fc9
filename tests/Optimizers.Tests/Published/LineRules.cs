namespace Requant.Optimizers.Tests.Published;

/// <summary>Published optimizers in which rows share something.</summary>
public static class LineRules
{
    /// <summary>Adam-mini with a row for each output neuron: Zhang et al., "Adam-mini: Use Fewer Learning Rates To Gain
    /// More", arXiv 2406.16793, algorithm 1.</summary>
    [OptimizerRule]
    public static void AdamMini(
        ref float p, float g, [State] ref float m, [RowState] ref float v, int step,
        float lr = 1e-3f, float beta1 = 0.9f, float beta2 = 0.95f, float eps = 1e-8f, float weightDecay = 0.1f)
    {
        p -= lr * weightDecay * p;
        m = (1 - beta1) * g + beta1 * m;
        float mHat = m / (1 - MathF.Pow(beta1, step));
        v = (1 - beta2) * Reduce.RowMean(g * g) + beta2 * v;
        float vHat = v / (1 - MathF.Pow(beta2, step));
        p -= lr * mHat / (MathF.Sqrt(vHat) + eps);
    }

    /// <summary>LAMB (You et al., arXiv 1904.00962, algorithm 2) with a trust ratio for each row in the place of one
    /// for each layer; 1 where a norm is 0.</summary>
    [OptimizerRule]
    public static void RowLamb(
        ref float p, float g, [State] ref float m, [State(Codec.DynamicUnsigned)] ref float v, int step,
        float lr = 1e-3f, float beta1 = 0.9f, float beta2 = 0.999f, float eps = 1e-6f, float weightDecay = 0.01f)
    {
        m = beta1 * m + (1 - beta1) * g;
        v = beta2 * v + (1 - beta2) * g * g;
        float mHat = m / (1 - MathF.Pow(beta1, step));
        float vHat = v / (1 - MathF.Pow(beta2, step));
        float update = mHat / (MathF.Sqrt(vHat) + eps) + weightDecay * p;

        float parameterNorm = Reduce.RowNorm(p);
        float updateNorm = Reduce.RowNorm(update);
        float trustRatio = parameterNorm > 0 && updateNorm > 0 ? parameterNorm / updateNorm : 1f;
        p -= lr * trustRatio * update;
    }

    /// <summary>AdaGrad with one sum for each row of an embedding table, as recommender systems have it: Mudigere et
    /// al., "Software-Hardware Co-design for Fast and Scalable Training of Deep Learning Recommendation Models", arXiv
    /// 2104.05158, section 4.1.</summary>
    [OptimizerRule]
    public static void RowAdagrad(
        ref float p, float g, [RowState] ref float moment, float lr = 0.01f, float eps = 1e-8f)
    {
        moment += Reduce.RowMean(g * g);
        p -= lr * g / (MathF.Sqrt(moment) + eps);
    }
}
