namespace Requant.Codecs.Dynamic;

/// <summary>How vectors of 8 find the position of a magnitude on a dynamic map; see <see cref="DynamicLevels"/>. Their
/// tables have 8 entries, and they have fewer operations a cycle than the vectors of 16 that
/// <see cref="DynamicEncodeTables"/> is for.</summary>
/// <remarks>
/// A group is about a decade of magnitudes, <see cref="GroupOf"/> their bits, and has one border between two sections:
/// a comparison with it turns the group's number into the section's, exactly. <c>h = magnitude * scale + Base</c> goes
/// from 1 to 2 in a section, in units of a power of two for which <c>h * 2^(section - 127)</c> counts positions: the
/// factor is the section's number, moved to a float's exponent. The last cell of a level reaches beyond the line's end,
/// hence <see cref="Limit"/>. Added to <see cref="Origin"/>, where float32 has <see cref="FractionBits"/> bits below 1,
/// positions are rounded to a fraction; one of 0 may belong to either cell, and is looked up. Lines rise, so it
/// suffices that this holds at every threshold, which a test shows.
/// </remarks>
internal sealed class DynamicGroups
{
    /// <summary>Groups that are not alike, and sections by their low 3 bits.</summary>
    public const int Count = 8;

    /// <summary>Shifts a magnitude's bits to what <see cref="GroupFactor"/> multiplies.</summary>
    public const int CellShift = 16;

    /// <summary>Upper half of its product with 16 bits of a magnitude: the group.</summary>
    public const ushort GroupFactor = 159;

    /// <summary>Number of the group with the smallest magnitudes and of the section of 0.</summary>
    private const int First = DynamicEncodeTables.SmallestBits / (1 << CellShift) * GroupFactor / (1 << CellShift);

    private const double BaseOfSection = 8 / 9.0;

    /// <summary>Makes the tables of a dynamic map.</summary>
    /// <exception cref="InvalidOperationException">A group does not have one border.</exception>
    public DynamicGroups(TableCodebook codebook, bool signed)
    {
        int codeOfPositionZero = signed ? 127 : -1;
        int firstOfLevels = DynamicLevels.FirstPosition(signed, 1);
        int positions = DynamicLevels.FirstPosition(signed, DynamicLevels.Sections - 1);
        float unit = MathF.ScaleB(firstOfLevels, 127 - (First + 1));
        Base = (float)(BaseOfSection * unit);
        Limit = (float)((2 - (1 / 1024.0)) * unit);
        FractionBits = signed ? 16 : 15;
        Origin = signed ? 128 : 255;

        // Zero and one share a scale: at 0 it does not matter, and one lies in the middle of its cell.
        Scales[0] = (float)((1 + (0.5 / positions) - BaseOfSection) * unit);
        for (int section = 1; section < DynamicLevels.Sections; section++)
        {
            int first = DynamicLevels.FirstPosition(signed, section);
            int border = BitConverter.SingleToInt32Bits(codebook.NearestThresholds[codeOfPositionZero + first - 1]);
            if (GroupOf(border) != First + section - 1)
            {
                throw new InvalidOperationException($"The border of section {section} is in group {GroupOf(border)}.");
            }

            LastBelow[section - 1] = border - 1;
            if (section < Count)
            {
                Scales[section] = (float)(unit / (9 * DynamicLevels.Bottom(section)));
            }
        }
    }

    /// <summary>By the low 3 bits of a group: bits of the largest magnitude below its border; int32[8].</summary>
    public int[] LastBelow { get; } = new int[Count];

    /// <summary>By the low 3 bits of a section: float32[8].</summary>
    public float[] Scales { get; } = new float[Count];

    /// <summary>What h is at 0.</summary>
    public float Base { get; }

    /// <summary>The largest h of a section.</summary>
    public float Limit { get; }

    /// <summary>The float whose bits count positions, or codes, from here on.</summary>
    public float Origin { get; }

    /// <summary>Bits of a position's fraction.</summary>
    public int FractionBits { get; }

    /// <summary>The group of a magnitude, not below 2^-23.</summary>
    /// <param name="bits">Its bits.</param>
    public static int GroupOf(int bits) => ((bits >> CellShift) * GroupFactor) >> CellShift;
}
