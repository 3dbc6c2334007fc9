using Requant.Samples.PaperAblation;

namespace Requant.Samples.Tests.PaperAblation;

/// <summary>Errors of updates that can be worked out on paper: linear codes of an absmax of 127 (signed) or 255 are
/// whole numbers.</summary>
public class ErrorTableTests
{
    /// <summary>float32 rounding of states, relative.</summary>
    private const double Rounding = 1e-5;

    private static readonly Setting Half = new(Eps: 0.25f, Beta1: 0.5f, Beta2: 0.75f);

    [Fact]
    public void Measure_ByHand_LeavesZeroUpdatesOutOfTheRelativeMeanOnly()
    {
        // m becomes 127, 64, 0; v stays. At step 1 the corrections are 1/2 and 1/4: u = 2m / (sqrt(4 * 255) + 1/4).
        ErrorRow row = ErrorTable.Measure(
            [new Snapshot(1, [127f, 63.75f, 0f], [255f, 255f, 255f], [0f, 0f, 0f])], Half, CodecPair.Linear,
            blockSize: null);

        Assert.Equal((0 + (0.25 / 63.75)) / 2, row.Relative, Rounding);
        Assert.Equal(2 * 0.25 / (Math.Sqrt(4 * 255) + 0.25) / 3, row.Absolute, Rounding);
    }

    [Fact]
    public void Measure_SecondMomentBelowTheFirstCode_IsRaisedToIt()
    {
        // v becomes 255, 1: no codec without a sign stores what is above 0 as 0. At step 2 the corrections are
        // 3/4 and 7/16.
        ErrorRow row = ErrorTable.Measure(
            [new Snapshot(2, [127f, 127f], [255f, 0.4375f], [0f, 0f])], Half, CodecPair.Linear, blockSize: null);

        double exact = 127 / 0.75 / (1 + 0.25);
        double actual = 127 / 0.75 / (Math.Sqrt(1 / 0.4375) + 0.25);
        Assert.Equal((exact - actual) / exact / 2, row.Relative, Rounding);
        Assert.Equal((exact - actual) / 2, row.Absolute, 100 * Rounding);
        Assert.Equal(0, row.EpsAlone);
    }

    [Fact]
    public void Measure_SecondMomentBelowHalfOfTheFirstCode_IsLostByAPrintedCodec_SoThatEpsDividesAlone()
    {
        // v becomes 255, 0 and m stays. At step 2 the corrections are 3/4 and 7/16.
        ErrorRow row = ErrorTable.Measure(
            [new Snapshot(2, [127f, 127f], [255f, 0.4375f], [0f, 0f])], Half, CodecPair.PrintedLinear, blockSize: null);

        double exact = 127 / 0.75 / (1 + 0.25);
        double actual = 127 / 0.75 / 0.25;
        Assert.Equal((actual - exact) / exact / 2, row.Relative, Rounding);
        Assert.Equal((actual - exact) / 2, row.Absolute, 100 * Rounding);
        Assert.Equal(0.5, row.EpsAlone);
    }

    [Fact]
    public void Measure_NextUpdate_MixesDecodedStatesWithTheGradient()
    {
        // Step 2 follows: corrections 3/4 and 7/16. m = 63.75 becomes 64; v = 0.4375 becomes 1.
        ErrorRow row = ErrorTable.Measure(
            [new Snapshot(1, [127f, 63.75f], [255f, 0.4375f], [0f, 2f])], Half, CodecPair.Linear, blockSize: null);

        double exact = ((63.75 + 2) / 2 / 0.75) / (Math.Sqrt(((0.75 * 0.4375) + (0.25 * 4)) / 0.4375) + 0.25);
        double actual = ((64 + 2.0) / 2 / 0.75) / (Math.Sqrt((0.75 + (0.25 * 4)) / 0.4375) + 0.25);
        Assert.Equal((exact - actual) / exact / 2, row.NextRelative, Rounding);
        Assert.Equal((exact - actual) / 2, row.NextAbsolute, 100 * Rounding);
    }

    [Fact]
    public void Measure_SmallerBlocks_KeepSmallElementsFromTheLargeOnesAbsmax()
    {
        Snapshot[] snapshots = [new Snapshot(1, [127f, 0.25f], [255f, 0.25f], [0f, 0f])];

        // Alone in its block, an element is its own absmax and exact.
        Assert.Equal(0, ErrorTable.Measure(snapshots, Half, CodecPair.Linear, blockSize: 1).Relative, Rounding);
        // With the large one its first moment becomes zero, and so does its update.
        ErrorRow whole = ErrorTable.Measure(snapshots, Half, CodecPair.Linear, blockSize: null);
        Assert.Equal(0.5, whole.Relative, Rounding);
        Assert.Equal(0, whole.EpsAlone);
    }

    [Fact]
    public void Compute_EveryCodecPairAndBlockSize_HasARow()
    {
        Snapshot[] snapshots = [new Snapshot(1, [1f, 0.3f], [1f, 0.1f], [0.1f, 0.2f])];

        IReadOnlyList<ErrorRow> rows = ErrorTable.Compute(snapshots, Setting.Default);

        Assert.Equal(28, rows.Select(row => (row.Codecs, row.BlockSize)).Distinct().Count());
        Assert.Equal([32, 256, 2048, null], rows.Select(row => row.BlockSize).Distinct());
    }
}
