namespace Requant.Runtime.Tests.Support;

/// <summary>Rules to try the runtime with: one pass and two.</summary>
public static class Rules
{
    [OptimizerRule]
    public static void Adam(
        ref float p, float g, [State] ref float m, [State(Codec.DynamicUnsigned)] ref float v, int step,
        float lr = 1e-3f, float beta1 = 0.9f, float beta2 = 0.999f, float eps = 1e-8f, float weightDecay = 0f)
    {
        m = beta1 * m + (1 - beta1) * g;
        v = beta2 * v + (1 - beta2) * g * g;
        float denominator = MathF.Sqrt(v / (1 - MathF.Pow(beta2, step))) + eps;
        p -= lr * (m / (1 - MathF.Pow(beta1, step)) / denominator + weightDecay * p);
    }

    [OptimizerRule]
    public static void Lamb(
        ref float p, float g, [State] ref float m, [State(Codec.DynamicUnsigned)] ref float v, int step,
        float lr = 1e-3f, float beta1 = 0.9f, float beta2 = 0.999f, float eps = 1e-8f, float weightDecay = 0f)
    {
        m = beta1 * m + (1 - beta1) * g;
        v = beta2 * v + (1 - beta2) * g * g;
        float mHat = m / (1 - MathF.Pow(beta1, step));
        float update = mHat / (MathF.Sqrt(v / (1 - MathF.Pow(beta2, step))) + eps) + weightDecay * p;
        float pNorm = Reduce.Norm(p);
        float updateNorm = Reduce.Norm(update);
        float trust = pNorm > 0 && updateNorm > 0 ? pNorm / updateNorm : 1;
        p -= lr * trust * update;
    }
}
