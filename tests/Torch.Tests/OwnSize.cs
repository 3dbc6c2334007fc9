namespace Requant.Torch.Tests;

/// <summary>Blocks that are not the usual ones, and a state with fewer codes than a byte has.</summary>
public static class OwnSizeRule
{
    [OptimizerRule(BlockSize = 512)]
    public static void OwnSize(
        ref float p, float g, [State(Codec.Linear)] ref float m, [State] ref float v, float lr = 0.1f)
    {
        m = 0.9f * m + g;
        v = 0.5f * v + m;
        p -= lr * v;
    }
}
