namespace Requant.Torch.Tests;

/// <summary>A rule of a user's own.</summary>
public static class HeavyBallRule
{
    [OptimizerRule]
    public static void HeavyBall(ref float p, float g, [State] ref float m, float lr = 0.1f, float beta = 0.5f)
    {
        m = beta * m + g;
        p -= lr * m;
    }
}
