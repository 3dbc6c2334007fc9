using Requant;

namespace Small;

/// <summary>States that take each other's old values, the parameter's, or keep their own.</summary>
public static class SwapRule
{
    [OptimizerRule]
    public static void Swap(
        ref float p, float g, [State] ref float m, [State] ref float v, [State] ref float previous,
        [State] ref float kept,
        float lr = 0.1f, bool mirrored = false)
    {
        float old = m;
        float before = previous;
        m = v;
        v = old;
        previous = mirrored ? p * 2f : p;
        p -= lr * g + kept + m - v + before;
    }
}
