namespace Requant.Cli.Tests.Left
{
    /// <summary>Rules for <c>--assembly</c>: two have one name, and one is not exact.</summary>
    public static class Rules
    {
        /// <summary>Gradient descent.</summary>
        [OptimizerRule]
        public static void Twin(ref float p, float g, float lr = 1e-3f) => p -= lr * g;

        /// <summary>Momentum, with freedom for the compiler.</summary>
        [OptimizerRule(Precision = Precision.Fast)]
        public static void Loose(ref float p, float g, [State(BlockSize = 64)] ref float m, float lr = 1e-3f, int warmup = 10)
        {
            m = 0.9f * m + g;
            p -= lr * warmup * m;
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
