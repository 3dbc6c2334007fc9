namespace Requant.Conformance;

/// <summary>A rule that optimizes nothing, but calls every function that a rule may call for an element.</summary>
public static class EveryFunctionRule
{
    /// <summary>Arguments are of any size and sign; what is kept is finite and at most 4 in magnitude, so that no
    /// block's absmax drowns the others.</summary>
    [OptimizerRule]
    public static void EveryFunction(
        ref float p, float g, [State] ref float m, [State] ref float v, [State] ref float w,
        [State(Codec.Float32)] ref float u,
        int step, float lr = 0.01f, float beta = 0.9f)
    {
        float decay = MathF.Pow(beta, step) + MathF.Exp(-lr);
        float wide = g * 1000 + m;
        float magnitude = MathF.Abs(wide) + 1e-30f;
        float log = MathF.Log(magnitude) + MathF.Log2(magnitude) * MathF.Log10(magnitude);
        float wave = MathF.Sin(wide) + MathF.Cos(wide * decay) + MathF.Sin(p);
        float power = MathF.Pow(magnitude, p) + MathF.Pow(wide, MathF.Round(4 * v)) + MathF.Pow(decay, wide);
        float root = MathF.Cbrt(wide) - MathF.Sqrt(magnitude);
        float steps = MathF.Floor(wide) - MathF.Ceiling(root) + MathF.Truncate(log) + MathF.Round(wave);
        float fused = MathF.FusedMultiplyAdd(wide, root, -steps) + MathF.FusedMultiplyAdd(p, v, log + u);
        float angle = MathF.Atan2(wide, p) + MathF.Atan2(log, -root) + MathF.Asin(wave * 0.3f);
        wave += Math.Clamp(MathF.Tan(wide) + MathF.Tan(p * decay), -2f, 2f) + angle * 0.1f;
        m = wave + MathF.Tanh(log);
        v = MathF.CopySign(MathF.Exp(-MathF.Abs(root)), fused) + MathF.Tanh(steps * lr);
        w = Math.Clamp(power, -1f, 2f) + MathF.Tanh(w + fused);
        u = MathF.Min(MathF.Max(fused, -2f), MathF.Exp(p)) + MathF.Sign(steps);
        p = Math.Clamp(p - lr * (m + v + MathF.Sign(w)), -3f, 3f);
    }
}
