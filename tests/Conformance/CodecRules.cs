namespace Requant.Conformance;

/// <summary>A rule for each codec: the first moment where it has a sign, and the second where it has none.</summary>
public static class CodecRules
{
    [OptimizerRule]
    public static void DynamicMoment(ref float p, float g, [State(Codec.Dynamic)] ref float m, float lr = 0.01f)
    {
        m = First(m, g);
        p -= lr * m;
    }

    [OptimizerRule]
    public static void LinearMoment(ref float p, float g, [State(Codec.Linear)] ref float m, float lr = 0.01f)
    {
        m = First(m, g);
        p -= lr * m;
    }

    [OptimizerRule]
    public static void SoftSignMoment(ref float p, float g, [State(Codec.SoftSign)] ref float m, float lr = 0.01f)
    {
        m = First(m, g);
        p -= lr * m;
    }

    [OptimizerRule]
    public static void Float8Moment(ref float p, float g, [State(Codec.Float8E4M3)] ref float m, float lr = 0.01f)
    {
        m = First(m, g);
        p -= lr * m;
    }

    [OptimizerRule]
    public static void Float32Moment(ref float p, float g, [State(Codec.Float32)] ref float m, float lr = 0.01f)
    {
        m = First(m, g);
        p -= lr * m;
    }

    [OptimizerRule]
    public static void DynamicVariance(
        ref float p, float g, [State(Codec.DynamicUnsigned)] ref float v, float lr = 0.01f)
    {
        v = Second(v, g);
        p -= lr * Scaled(g, v);
    }

    [OptimizerRule]
    public static void LinearVariance(ref float p, float g, [State(Codec.LinearUnsigned)] ref float v, float lr = 0.01f)
    {
        v = Second(v, g);
        p -= lr * Scaled(g, v);
    }

    [OptimizerRule]
    public static void SquareRootVariance(ref float p, float g, [State(Codec.SquareRoot)] ref float v, float lr = 0.01f)
    {
        v = Second(v, g);
        p -= lr * Scaled(g, v);
    }

    [OptimizerRule]
    public static void MiniFloatMoment(ref float p, float g, [State(Codec.MiniFloat)] ref float m, float lr = 0.01f)
    {
        m = First(m, g);
        p -= lr * m;
    }

    [OptimizerRule]
    public static void MiniFloatVariance(
        ref float p, float g, [State(Codec.MiniFloatUnsigned)] ref float v, float lr = 0.01f)
    {
        v = Second(v, g);
        p -= lr * Scaled(g, v);
    }

    /// <summary>States that declare different roundings.</summary>
    [OptimizerRule]
    public static void RoundedStates(
        ref float p, float g, [State(Codec.MiniFloat)] ref float m,
        [State(Codec.MiniFloatUnsigned, Rounding = StateRounding.Stochastic)] ref float v,
        [State(Codec.Dynamic, Rounding = StateRounding.Stochastic)] ref float slow, float lr = 0.01f)
    {
        m = First(m, g);
        v = Second(v, g);
        slow = 0.99f * slow + 0.01f * g;
        p -= lr * Scaled(m + slow, v);
    }

    private static float First(float m, float g) => 0.9f * m + 0.1f * g;

    private static float Second(float v, float g) => 0.99f * v + 0.01f * g * g;

    private static float Scaled(float g, float v) => g / (MathF.Sqrt(v) + 1e-8f);
}
