#pragma warning disable REQ2007 // States are looked at here.

namespace Requant.Conformance;

/// <summary>Rules that optimizing compilers of devices have been seen to change: by computing with constants, by taking
/// a choice for a minimum, by turning a comparison around, and by moving a load behind a store.</summary>
public static class TrapRules
{
    [OptimizerRule]
    public static void Constants(
        ref float p, float g, [State(Codec.Float32)] ref float m, [State(Codec.Float32)] ref float v, float lr = 0.1f,
        bool flag = false)
    {
        float sum = (v + 1f) + 2f;
        float product = m * 3f * 5f;
        m = (0f - v) + (flag ? g : 0f);
        v = (0f + m) - (-0f) + (sum * 0.1f) * 0.3f;
        p -= lr * (product / 7f / 3f + sum);
    }

    [OptimizerRule]
    public static void NotNumbers(
        ref float p, float g, [State(Codec.Float32)] ref float m, [State(Codec.Float32)] ref float zero)
    {
        float x = g / zero;
        m = (1.25f < x ? 1f : 2f) + (1.25f >= x ? 4f : 8f) + (x < 1.25f ? 16f : 32f) + (!(x >= 1f) ? 64f : 128f);
        m += Side(Math.Clamp(x, -1.75f, 1.25f)) + Side(MathF.Max(0f, x)) + Side(1f < x ? 1f : x);
        m += Side(MathF.Pow(2f, x)) + Side(Math.Clamp(1f, 0f, 2f)) + Side(MathF.Exp(x));
        m += Side(MathF.Min(x, 2f)) + Side(MathF.Max(x, 0f)) + Side(0.5f < x ? 0.5f : x);
        p = 0.5f * p + m * 0.01f;
        zero *= g;
    }

    /// <summary>Every new parameter is a NaN that arithmetic made.</summary>
    [OptimizerRule]
    public static void ZeroOverZero(ref float p, float g) => p = (p - p) / (g - g);

    [OptimizerRule]
    public static void OldParameter(
        ref float p, float g, [State] ref float m, [State(Codec.Float32)] ref float v, float lr = 0.1f)
    {
        m = 0.5f * m + lr * (p * 0.05f);
        v = p - v;
        p = g * 0.25f;
    }

    private static float Side(float x) => MathF.Sign(x);
}
