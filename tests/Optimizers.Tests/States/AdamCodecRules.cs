namespace Requant.Optimizers.Tests.States;

/// <summary>Adam with the unsigned codecs that options do not choose.</summary>
public static class AdamCodecRules
{
    [OptimizerRule]
    public static void AdamLinear(
        ref float p, float g, [State] ref float m, [State(Codec.LinearUnsigned)] ref float v, int step,
        float lr = 1e-3f, float beta1 = 0.9f, float beta2 = 0.999f, float eps = 1e-8f) =>
        Update(ref p, g, ref m, ref v, step, lr, beta1, beta2, eps);

    [OptimizerRule]
    public static void AdamSquareRoot(
        ref float p, float g, [State] ref float m, [State(Codec.SquareRoot)] ref float v, int step,
        float lr = 1e-3f, float beta1 = 0.9f, float beta2 = 0.999f, float eps = 1e-8f) =>
        Update(ref p, g, ref m, ref v, step, lr, beta1, beta2, eps);

    private static void Update(
        ref float p, float g, ref float m, ref float v, int step, float lr, float beta1, float beta2, float eps)
    {
        m = beta1 * m + (1 - beta1) * g;
        v = beta2 * v + (1 - beta2) * g * g;
        p -= lr * (m / (1 - MathF.Pow(beta1, step))) / (MathF.Sqrt(v / (1 - MathF.Pow(beta2, step))) + eps);
    }
}
