namespace Requant.Optimizers.Tests.Checkpoints;

/// <summary>Rules for their states' sake, which have every codec between them.</summary>
public static class CodecRules
{
    /// <summary>Averages of the gradient, each stored by another codec.</summary>
    [OptimizerRule]
    public static void SignedCodecs(
        ref float p, float g, [State(Codec.Dynamic)] ref float paper, [State(Codec.MiniFloat)] ref float mini,
        [State(Codec.Linear)] ref float linear,
        [State(Codec.Float8E4M3)] ref float eight, float lr = 0.01f, float beta = 0.9f)
    {
        paper = beta * paper + (1 - beta) * g;
        mini = beta * mini + (1 - beta) * g;
        linear = beta * linear + (1 - beta) * g;
        eight = beta * eight + (1 - beta) * g;
        p -= lr * (paper + mini + linear + eight);
    }

    /// <summary>Averages of the gradient's square, each stored by another codec.</summary>
    [OptimizerRule]
    public static void UnsignedCodecs(
        ref float p, float g, [State(Codec.DynamicUnsigned)] ref float paper,
        [State(Codec.MiniFloatUnsigned)] ref float mini, [State(Codec.LinearUnsigned)] ref float linear,
        [State(Codec.SquareRoot)] ref float root, float lr = 0.01f, float beta = 0.9f)
    {
        float square = g * g;
        paper = beta * paper + (1 - beta) * square;
        mini = beta * mini + (1 - beta) * square;
        linear = beta * linear + (1 - beta) * square;
        root = beta * root + (1 - beta) * square;
        p -= lr * g / (MathF.Sqrt(paper + mini + linear + root) + 1e-3f);
    }

    /// <summary>The codecs that are left, rounded as they declare.</summary>
    [OptimizerRule]
    public static void OtherCodecs(
        ref float p, float g, [State(Codec.SoftSign, Rounding = StateRounding.Stochastic)] ref float soft,
        [State(Codec.Float32)] ref float full,
        [State(Codec.MiniFloat)] ref float nearest, float lr = 0.01f, float beta = 0.9f)
    {
        soft = beta * soft + (1 - beta) * g;
        full = beta * full + (1 - beta) * g;
        nearest = beta * nearest + (1 - beta) * g;
        p -= lr * (soft + full + nearest);
    }
}
