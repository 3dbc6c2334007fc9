using Requant;

namespace Small;

/// <summary>States that differ in block size, one of them without blocks, and a reduction that reads them.</summary>
public static class TilesRule
{
    [OptimizerRule]
    public static void Tiles(
        ref float p, float g, [State(BlockSize = 128)] ref float m, [State(Codec.SquareRoot, BlockSize = 32)] ref float v,
        [State(Codec.Float32)] ref float seen, float lr = 0.1f)
    {
        m = 0.9f * m + 0.1f * g;
        v = 0.9f * v + 0.1f * g * g;
        seen += 1f;
        p -= lr * m / (MathF.Sqrt(v) + seen * Reduce.Norm(m));
    }
}
