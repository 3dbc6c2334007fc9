namespace Requant.Torch.Tests;

/// <summary>States that differ in block size, one of them with fewer codes than a byte has.</summary>
public static class TwoSizesRule
{
    [OptimizerRule]
    public static void TwoSizes(
        ref float p, float g, [State(Codec.Linear, BlockSize = 512)] ref float m, [State(BlockSize = 128)] ref float v, float lr = 0.1f)
    {
        m = 0.9f * m + g;
        v = 0.5f * v + m;
        p -= lr * v;
    }
}
