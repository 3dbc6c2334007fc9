using Requant;

namespace Small;

/// <summary>States whose codecs have no table, two of them rounded stochastically.</summary>
public static class RoundedRule
{
    [OptimizerRule]
    public static void Rounded(
        ref float p, float g, [State(Codec.MiniFloat)] ref float m,
        [State(Codec.MiniFloatUnsigned, Rounding = StateRounding.Stochastic)] ref float v,
        [State(Codec.SoftSign, Rounding = StateRounding.Stochastic)] ref float slow, float lr = 0.1f)
    {
        m = 0.9f * m + 0.1f * g;
        v = 0.999f * v + 0.001f * g * g;
        slow = 0.9999f * slow + 0.0001f * g;
        p -= lr * (m + slow) / (MathF.Sqrt(v) + 1e-8f);
    }
}
