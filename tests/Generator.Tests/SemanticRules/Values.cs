using Requant;

namespace Semantics;

public static class FunctionsRule
{
    [OptimizerRule]
    public static void Functions(ref float p, float g, [State] ref float m, [State] ref float v, float lr = 0.1f)
    {
        m = MathF.Min(MathF.Abs(g), MathF.Max(p, -0.5f)) + Math.Min(g, Math.Abs(p));
        v = MathF.Max(v, g * g) + MathF.Max(0f, -0f * g) + MathF.Abs(MathF.Min(p, -p));
        p -= lr * MathF.Sign(m) / (MathF.Sqrt(v) + 1e-8f) + MathF.Sign(g) * 0.5f + 1 / (MathF.Sign(p) - 2f);
    }
}

public static class UniformsRule
{
    private const float Third = 1f / 3;
    private const int Big = 1 << 20;

    [OptimizerRule]
    public static void Uniforms(
        ref float p, float g, [State] ref float m, int step, float lr = 0.1f, float beta = 0.9f, int warmup = 5,
        bool decay = true)
    {
        float a = 1 - MathF.Pow(beta, step);
        float b = MathF.Exp(-lr * step) + MathF.Log(beta) * MathF.Tanh(lr) + MathF.Round(lr * 100)
            + MathF.Floor(beta * 10.5f);
        int left = Math.Max(0, warmup - step) + Math.Abs(-warmup) + (int)(beta * 100) / 7 + warmup % 3 - -step
            + (warmup + 7) / step + step % warmup;
        float scale;
        if (step > 2 && decay) { scale = (float)left / Big; } else { scale = Third; left = -left; }
        scale = Math.Clamp(scale, 0.001f, 0.5f);
        int overflow = int.MaxValue;
        overflow += warmup;
        m = beta * m + a * g;
        p -= scale * m + b * left + overflow * 1e-12f + MathF.Sign(beta - 0.5f) + (step == 1 == decay ? lr : -lr);
        float sum = -(-lr) - (-beta - (lr - beta)) * -1f;
        p += sum * (lr / (beta / (lr + 1)));
    }
}

public static class StatesRule
{
    [OptimizerRule]
    public static void States(
        ref float p, float g, [State(Codec.MiniFloat)] ref float m,
        [State(Rounding = StateRounding.Stochastic)] ref float v,
        [State(Codec.MiniFloat, Rounding = StateRounding.Stochastic)] ref float old,
        [State(Rounding = StateRounding.Nearest)] ref float kept, bool mirrored = false)
    {
        float t = m;
        m = v;
        v = t + g;
        old = mirrored ? p * 2 : p;
        if (g > 0.5f) kept = old;
        p = mirrored ? v : m + kept;
    }
}

public static class ExchangeRule
{
    [OptimizerRule]
    public static void Exchange(ref float p, float g, [State] ref float a, [State] ref float b, [State] ref float c)
    {
        float first = a;
        a = b; b = c; c = p; p = first + g;
    }
}

public static class RotateRule
{
    [OptimizerRule]
    public static void Rotate(ref float p, float g, [State] ref float a, [State] ref float b)
    {
        float first = p;
        p = a; a = b; b = first;
    }
}

public static class NoStateRule
{
    [OptimizerRule]
    public static void NoState(ref float p, float g, float lr = 0.1f) => p -= lr * g;
}

public static class StateOnlyRule
{
    [OptimizerRule]
    public static void StateOnly(
        ref float p, float g, [State] ref float m, [State] ref float zero, [State] ref float rate, float lr = 0.1f)
    {
        m += g; zero = 0; rate = lr;
    }
}

public static class ConstantRule
{
    [OptimizerRule]
    public static void Constant(ref float p, float g, [State] ref float m, float lr = 0.1f)
    {
        m = -1.5f;
        p = lr * 2;
    }
}

public static class SpecialsRule
{
    [OptimizerRule]
    public static void Specials(
        ref float p, float g, float limit = float.PositiveInfinity, float lowest = float.MinValue,
        float tiny = float.Epsilon,
        float negativeZero = -0f, int most = int.MaxValue, int least = int.MinValue)
    {
        p = MathF.Min(p, limit) + MathF.Max(g, lowest) * tiny + negativeZero * g + (most + least) + MathF.PI
            - 1e-45f * g - 3.4028235e38f * 0;
    }
}

public static class SquaringsRule
{
    [OptimizerRule]
    public static void Squarings(ref float p, float g, float lr = 0.999f)
    {
        float a = lr * lr;
        a = a * a; a = a * a; a = a * a; a = a * a; a = a * a; a = a * a; a = a * a; a = a * a; a = a * a; a = a * a;
        a = a * a; a = a * a; a = a * a; a = a * a; a = a * a; a = a * a; a = a * a; a = a * a; a = a * a; a = a * a;
        float x = g + p;
        a = a * a; a = a * a; a = a * a; a = a * a; a = a * a; a = a * a; a = a * a; a = a * a; a = a * a; a = a * a;
        x = x * x; x = x * 0.5f + x; x = x - x * x; x = x + x; x = x + x; x = x + x; x = x + x; x = x + x; x = x + x;
        p -= a * x;
    }
}

public static class ZerosRule
{
    [OptimizerRule]
    public static void Zeros(ref float p, float g, [State] ref float m, float lr = 0.1f, bool flag = false)
    {
        float x = lr * 0f, y = lr * -0f;
        m = g > 0 ? x : y;
        p = flag ? 0f : -0f;
    }
}
