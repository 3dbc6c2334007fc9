using Requant.Codecs;
using Requant.Codecs.Dynamic;

namespace Requant.Runtime.Tests.Codecs;

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

    [Theory]
    [InlineData(Codec.Dynamic)]
    [InlineData(Codec.DynamicUnsigned)]
    public void Groups_EveryThreshold_IsUncertainOrBetweenCells(Codec codec)
    {
        TableCodebook codebook = Codebook.Table(codec);
        bool signed = codec == Codec.Dynamic;
        var groups = new DynamicGroups(codebook, signed);
        int firstCode = signed ? 127 : 0;
        for (int code = firstCode; code < 255; code++)
        {
            float threshold = codebook.NearestThresholds[code];
            (int position, int fraction) = Place(groups, threshold);
            (int positionBelow, int fractionBelow) = Place(groups, MathF.BitDecrement(threshold));
            int expected = code + 1 - firstCode;

            Assert.True(fraction == 0 || position == expected, $"Code {code + 1} is at {position}.");
            Assert.True(
                fractionBelow == 0 || positionBelow == expected - 1, $"Below code {code + 1} is {positionBelow}.");
        }
    }

    private static (int Position, int Fraction) Place(DynamicGroups groups, float magnitude)
    {
        int bits = Math.Max(BitConverter.SingleToInt32Bits(magnitude), DynamicEncodeTables.SmallestBits);
        int group = DynamicGroups.GroupOf(bits);
        int section = group + (bits > groups.LastBelow[group % DynamicGroups.Count] ? 1 : 0);
        float h = MathF.FusedMultiplyAdd(
            BitConverter.Int32BitsToSingle(bits), groups.Scales[section % DynamicGroups.Count], groups.Base);
        float place = MathF.FusedMultiplyAdd(
            MathF.Min(h, groups.Limit), BitConverter.Int32BitsToSingle(section << 23), groups.Origin);
        int origin = BitConverter.SingleToInt32Bits(groups.FractionBits == 16 ? 128f : 256f);
        int fraction = BitConverter.SingleToInt32Bits(place) & ((1 << groups.FractionBits) - 1);
        return (Math.Max((BitConverter.SingleToInt32Bits(place) - origin) >> groups.FractionBits, 0), fraction);
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
