namespace Requant.Conformance;

/// <summary>Rules for what no shipped one uses.</summary>
public static class Rules
{
    [OptimizerRule]
    public static void FourCodecs(
        ref float p, float g, [State(Codec.Linear)] ref float a, [State(Codec.LinearUnsigned)] ref float b,
        [State(Codec.SoftSign)] ref float c, [State(Codec.SquareRoot)] ref float d, float lr = 0.01f)
    {
        a = 0.9f * a + 0.1f * g;
        b = 0.99f * b + 0.01f * g * g;
        c = 0.8f * c + 0.2f * g;
        d = 0.95f * d + 0.05f * MathF.Abs(g);
        p -= lr * (a + c) / (MathF.Sqrt(b) + d + 1e-8f);
    }

    /// <summary>Names that kernels have variables of, behind a reduction.</summary>
    [OptimizerRule]
    public static void KernelNames(
        ref float p, float g, [State] ref float m, float prefetch = 0.01f, float whole0 = 0.9f, float fold0 = 0.1f,
        float terms0 = 1e-3f)
    {
        m = whole0 * m + fold0 * g;
        float mInverse = Reduce.Norm(m) + terms0;
        p -= prefetch * m / mInverse;
    }

    /// <summary>Returns for single elements, before and after a state has its new value.</summary>
    [OptimizerRule]
    public static void EarlyReturn(
        ref float p, float g, [State] ref float m, [State(Codec.DynamicUnsigned)] ref float v, float lr = 0.01f,
        float threshold = 1e-3f)
    {
        if (g == 0f)
        {
            return;
        }

        m = 0.9f * m + 0.1f * g;
        if (MathF.Abs(m) < threshold)
        {
            return;
        }

        v = 0.99f * v + 0.01f * g * g;
        p -= lr * m / (MathF.Sqrt(v) + 1e-8f);
    }

    /// <summary>As many states as a rule can have, one without blocks, a block size of its own, and a reduction
    /// over old states.</summary>
    [OptimizerRule(BlockSize = 48)]
    public static void FourStates(
        ref float p, float g, [State(Codec.Linear)] ref float a,
        [State(Codec.SquareRoot)] ref float b, [State(Codec.Float32)] ref float c,
        [State(Codec.SoftSign)] ref float d, float lr = 0.01f, bool nesterov = true)
    {
        a = 0.9f * a + 0.1f * g;
        b = 0.99f * b + 0.01f * g * g;
        c = 0.8f * c + d;
        d = nesterov ? a + 0.1f * g : a;
        p -= lr * (d + c) / (MathF.Sqrt(b) + 1e-8f + Reduce.Norm(0.5f * a + b));
    }
}
