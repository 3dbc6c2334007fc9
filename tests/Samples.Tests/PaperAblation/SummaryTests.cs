using Requant.Samples.PaperAblation;

namespace Requant.Samples.Tests.PaperAblation;

public class SummaryTests
{
    [Theory]
    [InlineData(2.0, 3.0, 1.0, 2.0)]
    [InlineData(2.5, 4.0, 1.0, 3.0, 2.0)]
    [InlineData(7.0, 7.0)]
    [InlineData(double.PositiveInfinity, double.PositiveInfinity, 1.0, double.PositiveInfinity)]
    [InlineData(double.PositiveInfinity, 1.0, double.PositiveInfinity)]
    public void Median_OddAndEvenCounts_IsTheMiddle(double expected, params double[] values) =>
        Assert.Equal(expected, Summary.Median(values));

    [Fact]
    public void Of_Losses_CountsStoppedUselessAndFarRuns()
    {
        // Reference 3: up to 4 is stable. Word frequencies alone give 5.
        double[] losses = [3.0, 4.0, 4.25, 5.0, 1e5, double.PositiveInfinity, double.NaN, 3.5];

        Summary summary = Summary.Of(losses, frequencyLoss: 5, reference: 3);

        Assert.Equal((8, 4, 5), (summary.Runs, summary.Diverged, summary.Unstable));
        Assert.Equal(5 / 8.0, summary.UnstableShare);
        Assert.Equal(3.5, summary.MedianStableLoss);
    }

    [Fact]
    public void Of_NoStableRun_HasNoMedianOfStableRuns()
    {
        Summary summary = Summary.Of([9.0, 10.0], frequencyLoss: 5, reference: 3);

        Assert.Equal((9.5, null), (summary.MedianLoss, summary.MedianStableLoss));
    }
}
