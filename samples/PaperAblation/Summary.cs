namespace Requant.Samples.PaperAblation;

/// <summary>What became of the runs of a variant, or of a part of them.</summary>
/// <param name="Runs">How many there are.</param>
/// <param name="Diverged">How many stopped at a loss that is not finite, or ended no better than a model that knows how
/// frequent words are and nothing else.</param>
/// <param name="Unstable">How many diverged or ended more than <see cref="FarNats"/> above the reference.</param>
/// <param name="MedianLoss">Of all runs, in nats per word; infinite where most stopped.</param>
/// <param name="MedianStableLoss">Of the runs that are not unstable, as the paper reports it; null if
/// there is none.</param>
internal sealed record Summary(int Runs, int Diverged, int Unstable, double MedianLoss, double? MedianStableLoss)
{
    /// <summary>A perplexity e times the reference's.</summary>
    public const double FarNats = 1;

    /// <summary>Share of unstable runs, in [0, 1].</summary>
    public double UnstableShare => (double)Unstable / Runs;

    /// <summary>Sums up final losses.</summary>
    /// <param name="losses">At least one; infinite where training stopped.</param>
    /// <param name="frequencyLoss">Loss of a model that knows word frequencies alone.</param>
    /// <param name="reference">Median loss of 32-bit Adam.</param>
    public static Summary Of(IReadOnlyList<double> losses, double frequencyLoss, double reference)
    {
        bool HasDiverged(double loss) => !(loss < frequencyLoss);
        bool IsUnstable(double loss) => HasDiverged(loss) || loss > reference + FarNats;
        double[] stable = [.. losses.Where(loss => !IsUnstable(loss))];
        return new Summary(losses.Count, losses.Count(HasDiverged), losses.Count(IsUnstable), Median(losses),
            stable.Length > 0 ? Median(stable) : null);
    }

    /// <summary>The middle value, or the mean of both.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
