using Requant;

namespace Semantics;

public static class NestedRule
{
    [OptimizerRule]
    public static void Nested(ref float p, float g, [State] ref float m, [State] ref float count, float lr = 0.1f)
    {
        float x;
        if (g > 0)
        {
            x = g;
            if (m > 0.5f) { x -= m; count += 1; }
            else if (m < -0.5f) m = -m;
            else { m = x * 0.5f; x = m; }
        }
        else
        {
            x = -g;
            if (g == 0) { p += 1; }
        }

        if (x > 1f)
            m = x;
        p -= lr * x + count;
    }
}

public static class CompoundRule
{
    [OptimizerRule]
    public static void Compound(ref float p, float g, [State] ref float m, int step, float lr = 0.1f, int every = 2)
    {
        float a = g;
        a += p;
        a -= m;
        a *= 0.5f;
        a /= 3;
        a++;
        --a;
        int n = every;
        n += 3;
        n *= step;
        n--;
        n -= 2;
        n /= 2;
        n %= 5;
        ++n;
        int k = 7;
        k += every * step;
        float b, c;
        b = c = a * n;
        m = g += b;
        p -= lr * (m + c + k);
        n += (int)lr;
        p += n;
    }
}

public static class LogicalRule
{
    [OptimizerRule]
    public static void Logical(
        ref float p, float g, [State] ref float m, float lr = 0.1f, bool first = true, bool second = false)
    {
        bool a = g > m, b = p >= 0, c = g <= p, d = g != 0;
        bool e = a == b, f = (a != c) == d, h = !(a && b) || c;
        m = e && f || !h ? g : h ? p : m;
        p -= a == first ? lr * m : first == second ? lr : b != second && d ? 2 * lr : 0;
        bool k = a ? b : c;
        k = k && !(e ? first : d);
        if (!k) p *= 0.5f;
        if (!(first && second)) p += first || a ? 0.25f : 0.125f;
        if (!(!first || g > 0.5f)) p -= 1;
    }
}

public static class FlagsRule
{
    [OptimizerRule]
    public static void Flags(
        ref float p, float g, [State] ref float m, bool a = true, bool b = false, bool c = true, bool d = false,
        bool e = true)
    {
        m = a ? p * 2 : g;
        p -= b ? m : 0.5f * m;
        if (c) p += 1;
        p = d && g > 0 ? -p : p;
        if (e || g > 1) { m = p; } else p = g;
        if (!a) p *= 3;
        p -= a && b ? 0.1f : 0.2f;
    }
}

public static class SideEffectsRule
{
    [OptimizerRule]
    public static void SideEffects(ref float p, float g, [State] ref float m, float lr = 0.1f, bool flag = false)
    {
        float x = 0;
        float y = g > 0 ? (x = g) + 1 : m;
        if (g > -1 && (x += 2) > 1.5f || (y = x) < 0)
            p += y;
        p -= lr * (x + (flag ? (m = y) : Take(ref m, g)));
        bool any = flag || Took(ref m);
        p += any ? x : (p = m) * 2 + p;
    }

    private static float Take(ref float m, float g)
    {
        m = 0.5f * m + g;
        return m * 2;
    }

    private static bool Took(ref float m)
    {
        m += 1;
        return m > 1;
    }
}

public static class ConstantConditionsRule
{
    private const bool UseDecay = true;

    [OptimizerRule]
    public static void ConstantConditions(ref float p, float g, float lr = 0.1f)
    {
        const float Two = 2;
        float x, y;
#pragma warning disable CS0162 // The branch that a constant rules out is what is tested.
        if (UseDecay) x = g; else x = p;
#pragma warning restore CS0162
        bool on = true;
        if (on && g > 0) { y = x * Two; } else y = -x;
        p -= on ? lr * y : 0;
        p -= !on ? lr : Two * lr;
    }
}
