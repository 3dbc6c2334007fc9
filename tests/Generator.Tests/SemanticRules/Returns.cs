using System;
using Requant;

namespace Semantics;

public static class ReturnRule
{
    [OptimizerRule]
    public static void Return(
        ref float p, float g, [State] ref float m, [State] ref float v, int step, float lr = 0.1f, bool flag = false)
    {
        if (g == 0)
        {
            m += 1;
            return;
        }

        m = 0.5f * m + g;
        if (m > 1)
        {
            if (v > 2)
            {
                p = 0;
                return;
            }

            v += 1;
        }
        else if (flag)
        {
            return;
        }

        if (step == 2)
        {
            v = -v;
            return;
        }

        p -= lr * (m + v);
        return;
    }
}

public static class ReturningHelpersRule
{
    [OptimizerRule]
    public static void ReturningHelpers(ref float p, float g, [State] ref float m, float lr = 0.1f)
    {
        if (Skips(g, m)) return;
        p -= lr * Clip(Clip(g) + m);
        Decay(ref m, g);
        Decay(value: p, mean: ref p);
    }

    private static float Clip(float x)
    {
        if (x > 1) return 1;
        if (x < -1)
        {
            return -1;
        }
        else
        {
            float y = x * 2;
            if (y > 1.5f) { return y; }
        }

        return x;
    }

    private static bool Skips(float x, float y)
    {
        if (x > y) { return y > 0.25f; }
        return x < -0.5f;
    }

    private static void Decay(ref float mean, float value)
    {
        mean *= 0.5f;
        if (value < 0) return;
        mean += value;
    }
}
