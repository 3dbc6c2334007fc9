using Requant.Codecs;
using Requant.Codecs.Blocks;

namespace Requant.Runtime.Tests.Codecs;

/// <summary>Within a cell a code changes at most once, where a carry reaches it; so the ends of all cells and both
/// sides of all thresholds show every float right.</summary>
public unsafe class LookupTableTests
{
    // x * (1 / largest) can exceed 1 by this; such numbers may lie past the last cell.
    private const int UlpsAboveOne = 2;

    private static readonly int One = BitConverter.SingleToInt32Bits(1f) + UlpsAboveOne;

    [Theory]
    [InlineData(Codec.Dynamic, 17)]
    [InlineData(Codec.DynamicUnsigned, 16)]
    public void Entries_EndsOfEveryCellAndSidesOfEveryThreshold_GiveTheCode(Codec codec, int shift)
    {
        TableCodebook codebook = Codebook.Table(codec);
        var table = new LookupTable(codebook, shift);
        int cells = (One >> shift) + 1;
        IEnumerable<int> ends = Enumerable.Range(0, cells).SelectMany(cell =>
            (int[])[cell << shift, ((cell + 1) << shift) - 1]);
        IEnumerable<int> sides =
            from threshold in codebook.NearestThresholds.ToArray()
            where threshold > 0f && float.IsFinite(threshold)
            let bits = BitConverter.SingleToInt32Bits(threshold)
            from side in (int[])[bits - 1, bits]
            select side;
        foreach (int bits in ends.Concat(sides))
        {
            int magnitude = Math.Clamp(bits, table.Smallest, table.Largest);
            uint code = (table.Entries[magnitude >> shift] + (uint)magnitude) >> shift;
            if (code != CountNotAbove(codebook, BitConverter.Int32BitsToSingle(bits)))
            {
                Assert.Fail($"{BitConverter.Int32BitsToSingle(bits):R} was given code {code}.");
            }
        }
    }

    [Theory]
    [InlineData(Codec.Dynamic, 18)]
    [InlineData(Codec.DynamicUnsigned, 17)]
    public void Constructor_CellsWithTwoThresholds_Throws(Codec codec, int shift) =>
        Assert.Throws<InvalidOperationException>(() => new LookupTable(Codebook.Table(codec), shift));

    private static int CountNotAbove(TableCodebook codebook, float u)
    {
        int count = 0;
        while (codebook.NearestThresholds[count] <= u)
        {
            count++;
        }

        return count;
    }
}
