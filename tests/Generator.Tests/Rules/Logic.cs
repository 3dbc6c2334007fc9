using Requant;

namespace Small;

/// <summary>Conditions: and, or, not, equality of conditions, and three flags.</summary>
public static class LogicRule
{
    [OptimizerRule]
    public static void Logic(
        ref float p, float g, [State] ref float m,
        bool first = false, bool second = true, bool third = false, float lr = 0.1f)
    {
        bool rising = g > m;
        bool large = MathF.Abs(g) >= 1f || g != g * 1f;
        m = rising && !large ? g : m;
        if (rising == large || first)
        {
            p -= lr * MathF.Sign(g);
        }

        p += second && large ? lr : 0f;
        p *= third ? 0.5f : second != (rising || large) ? 0.75f : 1f;
    }
}
