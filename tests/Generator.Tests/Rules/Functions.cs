using Requant;

namespace Small;

/// <summary>Each function of one element.</summary>
public static class FunctionsRule
{
    [OptimizerRule]
    public static void Functions(
        ref float p, float g, [State] ref float m, [State] ref float v, int step, float lr = 0.1f, float beta = 0.9f)
    {
        float scale = MathF.Exp(-lr) * MathF.Round(MathF.Pow(beta, step)) + Math.Clamp(lr, 0f, 1f);
        float rounded = MathF.Floor(g) + MathF.Ceiling(g) + MathF.Round(g) + MathF.Truncate(g);
        float grown = MathF.Exp(g) + MathF.Pow(p, g) + MathF.Cbrt(g);
        float log = MathF.Log(v) + MathF.Log2(v) + MathF.Log10(v);
        float wave = MathF.Sin(g) * MathF.Cos(g) - MathF.Tanh(p);
        m = MathF.FusedMultiplyAdd(beta, m, MathF.CopySign(grown, log));
        v = MathF.Sqrt(MathF.Abs(wave)) + MathF.Max(MathF.Sign(g), MathF.Min(rounded, 2));
        p -= scale * Math.Clamp(m, -1f, v);
    }
}
