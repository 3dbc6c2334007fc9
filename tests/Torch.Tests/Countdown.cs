namespace Requant.Torch.Tests;

/// <summary>A rule with an integer hyperparameter.</summary>
public static class CountdownRule
{
    [OptimizerRule]
    public static void Countdown(ref float p, float g, int step, int period = 1) => p -= step < period ? g : 0f;
}
