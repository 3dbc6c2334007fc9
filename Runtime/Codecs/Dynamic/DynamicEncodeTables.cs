namespace Requant.Codecs.Dynamic;

/// <summary>How vectors of 16 find the position of a magnitude on a dynamic map by arithmetic; see
/// <see cref="DynamicLevels"/>.
/// </summary>
/// <remarks>
/// A pair is the top 8 bits of a magnitude's 31: two octaves, so that at most one border between sections falls into a
/// pair. Adding <see cref="SectionSteps"/> of its pair to a magnitude's bits turns their top 8 into the number of the
/// section below the border, and carries into the next one from the border on, so that it is exact. The
/// section's line, <c>scale * magnitude + offset</c>, gives a float whose bits 16 to 23 are the position's low 8 bits
/// and whose bits 0 to 15 tell where in the cell it lies. Thresholds carry the map's rounding noise, so the offset is
/// raised by half of <see cref="UncertainWindow"/>: a fraction below the window may belong to either cell, and is
/// looked up. Lines rise, so it suffices that no threshold leaves the window, which a test shows for every one.
/// The last cell of a level reaches beyond the line's end, to the midpoint between two values; hence the cap.
/// Zero and one are sections of a single position each. They lie far enough apart to share a line, so that 8 lines are
/// all there are: the low 3 bits of a section tell its line.
/// </remarks>
internal sealed class DynamicEncodeTables
{
    /// <summary>Bits of the fraction of a cell.</summary>
    public const int FractionBits = 16;

    /// <summary>Fractions of a cell, in 2^-16, for which the line does not decide; a power of two.</summary>
    public const int UncertainWindow = 8;

    /// <summary>Set in a fraction outside of the uncertain window.</summary>
    public const int CertainMask = (1 << FractionBits) - UncertainWindow;

    /// <summary>Shifts a magnitude's bits to its pair, and those of the sum to its section.</summary>
    public const int PairShift = 24;

    /// <summary>Lines of all sections.</summary>
    public const int Lines = 8;

    /// <summary>2^-23 as bits: it lies below every threshold, and all smaller magnitudes are encoded alike.</summary>
    public const int SmallestBits = 0x34000000;

    private const int PairMask = DynamicLevels.TableLength - 1;
    private const int FirstPair = SmallestBits >> PairShift;
    private const int LastPair = 63;
    private const int LastSection = DynamicLevels.Sections - 1;

    /// <summary>Makes the tables of a dynamic map.</summary>
    /// <exception cref="InvalidOperationException">Two borders between sections are in one pair.</exception>
    public DynamicEncodeTables(TableCodebook codebook, bool signed)
    {
        int codeOfPositionZero = signed ? 127 : -1;
        int section = 0;
        for (int pair = FirstPair; pair <= LastPair; pair++)
        {
            int step = (section - pair) << PairShift;
            int next = section < LastSection ? Border(section + 1) : int.MaxValue;
            if (next >> PairShift == pair)
            {
                step += ((pair + 1) << PairShift) - next;
                section++;
                if (section < LastSection && Border(section + 1) >> PairShift == pair)
                {
                    throw new InvalidOperationException($"Two borders between sections in pair {pair}.");
                }
            }

            SectionSteps[pair & PairMask] = step;
        }

        SetSharedLine(signed);
        for (int level = 1; level < LastSection; level++)
        {
            SetLine(signed, level);
        }

        // Bits of the smallest magnitude of a section.
        int Border(int of) => BitConverter.SingleToInt32Bits(
            codebook.NearestThresholds[codeOfPositionZero + DynamicLevels.FirstPosition(signed, of) - 1]);
    }

    /// <summary>By the low 4 bits of a pair: what makes a magnitude's top bits its section; int32[16].</summary>
    public int[] SectionSteps { get; } = new int[DynamicLevels.TableLength];

    /// <summary>Slopes of the lines: float32[8].</summary>
    public float[] Scales { get; } = new float[Lines];

    /// <summary>Intercepts of the lines: float32[8].</summary>
    public float[] Offsets { get; } = new float[Lines];

    /// <summary>Bits of the largest float that still means the section's last position: int32[8].</summary>
    public int[] Caps { get; } = new int[Lines];

    private void SetLine(bool signed, int level)
    {
        int first = DynamicLevels.FirstPosition(signed, level);
        int last = DynamicLevels.FirstPosition(signed, level + 1) - 1;
        (double unit, double origin) = FloatWithByte(last);
        double perAbsmax = unit / DynamicLevels.CellWidth(signed, level);
        double raise = unit * UncertainWindow / 2 / (1 << FractionBits);
        Scales[level] = (float)perAbsmax;
        Offsets[level] = (float)(origin + (unit * first) - (perAbsmax * DynamicLevels.Bottom(level)) + raise);
        Caps[level] = BitConverter.SingleToInt32Bits((float)(origin + (unit * (last + 1)))) - 1;
    }

    // Through the middle of zero's cell at 0 and of one's at 1; neither section reaches far from there.
    private void SetSharedLine(bool signed)
    {
        double atZero = MiddleOf(DynamicLevels.FirstPosition(signed, 0));
        double atOne = MiddleOf(DynamicLevels.FirstPosition(signed, LastSection));
        Scales[0] = (float)(atOne - atZero);
        Offsets[0] = (float)atZero;
        Caps[0] = int.MaxValue;

        static double MiddleOf(int position)
        {
            (double unit, double origin) = FloatWithByte(position);
            return origin + (unit * (position + 0.5));
        }
    }

    // The floats from 128 to 256 have the bits 0x4300ffff to 0x437fffff and those from 64 to 128 0x42800000 to
    // 0x42ffffff: bits 16 to 23 of 128 + n are n for n below 128, and those of n / 2 are n for n from 128 to 255.
    // Position 256 is stored as 0, which the caller's subtraction of 1 turns into code 255.
    private static (double Unit, double Origin) FloatWithByte(int lastPosition) => lastPosition switch
    {
        < 128 => (1, 128),
        256 => (1, -128),
        _ => (0.5, 0),
    };
}
