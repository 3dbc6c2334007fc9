namespace Requant.Samples;

/// <summary>A schedule of learning rates: linear warm-up, then half a cosine.</summary>
internal static class WarmupCosine
{
    private const double WarmupFraction = 0.1;
    private const double FinalFraction = 0.1;

    /// <summary>What the learning rate is multiplied by.</summary>
    /// <param name="step">From 0.</param>
    /// <param name="steps">Of the whole training.</param>
    public static double Factor(int step, int steps)
    {
        double warmup = Math.Max(1, WarmupFraction * steps);
        double progress = Math.Clamp((step - warmup) / Math.Max(1, steps - warmup), 0, 1);
        double cosine = (1 + Math.Cos(Math.PI * progress)) / 2;
        return step < warmup ? (step + 1) / (warmup + 1) : FinalFraction + ((1 - FinalFraction) * cosine);
    }
}
