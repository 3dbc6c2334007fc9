using Requant.Quantization;
using Xunit;

namespace Requant.Runtime.Tests.Quantization;

public class DynamicEncodeTablesTests
{
    private const int TableMask = DynamicLevels.TableLength - 1;

    [Theory]
    [InlineData(Codec.Dynamic)]
    [InlineData(Codec.DynamicUnsigned)]
    public void Lines_EveryThreshold_LiesInTheUncertainWindow(Codec codec)
    {
        TableCodebook codebook = Codebook.Table(codec);
        bool signed = codec == Codec.Dynamic;
        var tables = new DynamicEncodeTables(codebook, signed);
        int firstCode = signed ? 127 : 0;
        for (int code = firstCode; code < 255; code++)
        {
            float threshold = codebook.NearestThresholds[code];
            int position = code + 1 - firstCode + (signed ? 0 : 1);
            (int section, int place) = Place(tables, threshold);
            (int sectionBelow, int placeBelow) = Place(tables, MathF.BitDecrement(threshold));

            Assert.Equal(position & 0xff, (place >> DynamicEncodeTables.FractionBits) & 0xff);
            if (section == sectionBelow)
            {
                // From the threshold on, the line says this position or more; below, less or uncertain.
                int boundary = place & ~((1 << DynamicEncodeTables.FractionBits) - 1);
                Assert.InRange(placeBelow, int.MinValue, boundary + DynamicEncodeTables.UncertainWindow - 1);
            }
            else
            {
                // Sections are told apart exactly, so that the value below is certain.
                Assert.Equal((position - 1) & 0xff, (placeBelow >> DynamicEncodeTables.FractionBits) & 0xff);
                Assert.NotEqual(0, placeBelow & DynamicEncodeTables.CertainMask);
            }
        }
    }

    private static (int Section, int Place) Place(DynamicEncodeTables tables, float magnitude)
    {
        int bits = BitConverter.SingleToInt32Bits(magnitude);
        int step = tables.SectionSteps[(bits >> DynamicEncodeTables.PairShift) & TableMask];
        int section = (bits + step) >> DynamicEncodeTables.PairShift;
        int line = section % DynamicEncodeTables.Lines;
        float place = MathF.FusedMultiplyAdd(magnitude, tables.Scales[line], tables.Offsets[line]);
        return (section, Math.Min(BitConverter.SingleToInt32Bits(place), tables.Caps[line]));
    }
}
