using Requant;

namespace Small;

/// <summary>Helper methods: inlined, with ref, named and optional arguments, and calls inside calls
/// of themselves.</summary>
public static class HelpersRule
{
    private const float Floor = 1e-6f;

    [OptimizerRule]
    public static void Helpers(
        ref float p, float g, [State] ref float m, [State(Codec.DynamicUnsigned)] ref float v, float lr = 0.01f,
        float beta = 0.9f)
    {
        Average(ref m, g, beta);
        Average(decay: 0.5f * beta, value: g * g, mean: ref v);
        float smooth = Mix(m, Mix(g, p));
        p -= lr * smooth / Clipped(MathF.Sqrt(v));
    }

    private static void Average(ref float mean, float value, float decay) => mean = decay * mean + (1 - decay) * value;

    private static float Mix(float a, float b, float part = 0.25f)
    {
        float rest = 1 - part;
        return part * a + rest * b;
    }

    private static float Clipped(float x) => MathF.Max(x, Floor);
}
