namespace Requant.Cli.Tests.Left
{
    /// <summary>Rules for <c>--assembly</c>: two have one name.</summary>
    public static class Rules
    {
        /// <summary>Gradient descent.</summary>
        [OptimizerRule]
        public static void Twin(ref float p, float g, float lr = 1e-3f) => p -= lr * g;

        /// <summary>Momentum.</summary>
        [OptimizerRule(BlockSize = 64)]
        public static void Loose(ref float p, float g, [State] ref float m, float lr = 1e-3f, int warmup = 10)
        {
            m = 0.9f * m + g;
            p -= lr * warmup * m;
        }

        /// <summary>An average that is rounded stochastically.</summary>
        [OptimizerRule(BlockSize = 128)]
        public static void Slow(
            ref float p, float g, [State(Codec.MiniFloat)] ref float m,
            [State(Codec.MiniFloatUnsigned, Rounding = StateRounding.Stochastic)] ref float v,
            [State(Codec.Float32, Rounding = StateRounding.Stochastic)] ref float exact, float lr = 1e-3f)
        {
            m = 0.9f * m + g;
            v = 0.999f * v + 0.001f * g * g;
            exact += g;
            p -= lr * (m + exact) / MathF.Sqrt(v + 1f);
        }
    }
}

namespace Requant.Cli.Tests.Right
{
    /// <summary>A rule for <c>--assembly</c>.</summary>
    public static class Rules
    {
        /// <summary>Gradient ascent.</summary>
        [OptimizerRule]
        public static void Twin(ref float p, float g, float lr = 1e-3f) => p += lr * g;
    }
}
