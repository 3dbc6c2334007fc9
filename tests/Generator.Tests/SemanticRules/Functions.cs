using Requant;

namespace Semantics;

public static class RoundingsRule
{
    [OptimizerRule]
    public static void Roundings(
        ref float p, float g, [State] ref float m, [State] ref float v, [State] ref float w, float lr = 0.1f,
        float most = 2f)
    {
        m = MathF.Floor(g) + MathF.Ceiling(p) * 0.5f - MathF.Truncate(m);
        v = MathF.CopySign(MathF.Round(g + p), p) + MathF.CopySign(0.25f, -g) + MathF.CopySign(lr, v);
        w = MathF.FusedMultiplyAdd(g, p, m) + MathF.FusedMultiplyAdd(lr, g, -v);
        p -= lr * Math.Clamp(g, -0.5f, most) + 1 / (Math.Clamp(w, -1f, 1f) + 0.5f) + Math.Clamp(p, 0f, MathF.Abs(g));
    }
}

public static class HostFunctionsRule
{
    /// <summary>Functions of uniform values are C#'s own, also beside the same functions of elements.</summary>
    [OptimizerRule]
    public static void HostFunctions(
        ref float p, float g, [State] ref float m, int step, float lr = 0.1f, float beta = 0.9f, int warmup = 5)
    {
        float a = MathF.Exp(-lr) + MathF.Log(beta) + MathF.Log2(beta) + MathF.Log10(beta) + MathF.Log(beta, 3f)
            + MathF.Cbrt(lr);
        float b = MathF.Tanh(lr) + MathF.Sin(lr) + MathF.Tan(lr) + MathF.Asin(lr) + MathF.Atan2(lr, beta)
            + MathF.Cos(lr) + MathF.Pow(beta, step) + MathF.FusedMultiplyAdd(lr, beta, step);
        float c = MathF.Floor(beta * step) + MathF.Ceiling(lr) + MathF.Round(lr * 25) + MathF.Truncate(beta * 9)
            + MathF.CopySign(lr, -beta);
        int left = Math.Clamp(warmup - step, 1, 3) + Math.Clamp(step, 3, 2 + warmup) * Math.Max(step, warmup);
        m = a * g + b * MathF.Floor(g) + left;
        p -= c * m + Math.Clamp(lr, 0.05f, 0.08f);
    }
}

public static class AnglesRule
{
    /// <summary>As <see cref="LogarithmsRule"/>.</summary>
    [OptimizerRule]
    public static void Angles(
        ref float p, float g, [State] ref float a, [State] ref float b, [State] ref float c)
    {
        float before = p;
        p = MathF.Tan(g);
        a = MathF.Asin(g);
        b = MathF.Atan2(g, before);
        c = MathF.Atan2(1f, g);
    }
}

public static class LogarithmsRule
{
    /// <summary>What is written depends on no earlier result: an error of one step does not reach the next.</summary>
    [OptimizerRule]
    public static void Logarithms(
        ref float p, float g, [State] ref float a, [State] ref float b, [State] ref float c, [State] ref float d)
    {
        p = MathF.Exp(g);
        a = MathF.Log(g);
        b = MathF.Log2(MathF.Abs(g));
        c = MathF.Log10(g);
        d = MathF.Cbrt(g);
    }
}

public static class CurvesRule
{
    /// <summary>As <see cref="LogarithmsRule"/>.</summary>
    [OptimizerRule]
    public static void Curves(
        ref float p, float g, [State] ref float a, [State] ref float b, [State] ref float c, [State] ref float d,
        float y = 1.5f)
    {
        p = MathF.Tanh(g);
        a = MathF.Sin(g);
        b = MathF.Cos(g);
        c = MathF.Pow(MathF.Abs(g), y);
        d = MathF.Pow(g, MathF.Floor(g));
    }
}
