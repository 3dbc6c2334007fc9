using Requant;

namespace Small;

/// <summary>Reductions over the tensor, one of which needs another's result.</summary>
public static class ReductionsRule
{
    [OptimizerRule]
    public static void Reductions(ref float p, float g, [State] ref float m, float lr = 0.1f, bool center = true)
    {
        m = 0.9f * m + g;
        float count = Reduce.Sum(1f);
        float mean = center ? Reduce.Sum(m) / count : 0f;
        float centered = m - mean;
        float norm = Reduce.Norm(centered);
        p -= norm > 1f ? lr * centered / norm : lr * centered;
    }
}
