namespace Requant.Quantization;

/// <summary>How to find the position of a magnitude on a dynamic map by arithmetic; see <see cref="DynamicLevels"/>.
/// </summary>
/// <remarks>
/// All tables have 16 entries. A pair is the top 8 bits of a magnitude's 31: two octaves, so that at most one border
/// between sections falls into a pair. Adding <see cref="BorderCarries"/> of its pair to a magnitude's bits carries
/// into the next pair if the magnitude is at or above the border; the sum's pair then tells the section exactly. The
/// section's line, <c>scale * magnitude + offset</c>, gives a float whose bits 16 to 23 are the position's low 8 bits
/// and whose bits 0 to 15 tell where in the cell it lies. Thresholds carry the map's rounding noise, so the offset is
/// raised by half of <see cref="UncertainWindow"/>: a fraction below the window may belong to either cell, and is
/// looked up. Lines rise, so it suffices that no threshold leaves the window, which a test shows for every one.
/// The last cell of a level reaches beyond the line's end, to the midpoint between two values; hence the cap.
/// </remarks>
internal sealed class DynamicEncodeTables
{
    /// <summary>Bits of the fraction of a cell.</summary>
    public const int FractionBits = 16;

    /// <summary>Fractions of a cell, in 2^-16, for which the line does not decide; a power of two.</summary>
    public const int UncertainWindow = 8;

    /// <summary>Set in a fraction outside of the uncertain window.</summary>
    public const int CertainMask = (1 << FractionBits) - UncertainWindow;

    /// <summary>Shifts a magnitude's bits to its pair; tables are indexed by the low 4 bits of a pair.</summary>
    public const int PairShift = 24;

    /// <summary>2^-23 as bits: it lies below every threshold, and all smaller magnitudes are encoded alike.</summary>
    public const int SmallestBits = 0x34000000;

    private const int PairMask = DynamicLevels.TableLength - 1;
    private const int FirstPair = SmallestBits >> PairShift;
    private const int LastPair = 64;

    public DynamicEncodeTables(Codebook codebook, bool signed)
    {
        int codeOfPositionZero = signed ? 127 : -1;
        Span<int> borders = stackalloc int[DynamicLevels.Sections];
        for (int section = 1; section < borders.Length; section++)
        {
            int codeBelow = codeOfPositionZero + DynamicLevels.FirstPosition(signed, section) - 1;
            borders[section] = BitConverter.SingleToInt32Bits(codebook.Thresholds[codeBelow]);
            int pair = borders[section] >> PairShift;
            if (BorderCarries[pair & PairMask] != 0)
            {
                throw new InvalidOperationException($"Two borders between sections in pair {pair}.");
            }

            BorderCarries[pair & PairMask] = (1 << PairShift) - (borders[section] & ((1 << PairShift) - 1));
        }

        for (int pair = FirstPair; pair <= LastPair; pair++)
        {
            int section = 0;
            while (section + 1 < borders.Length && borders[section + 1] >> PairShift < pair)
            {
                section++;
            }

            SetLine(pair & PairMask, signed, section);
        }
    }

    /// <summary>What carries magnitudes from the border of a pair on into the next pair: int32[16].</summary>
    public int[] BorderCarries { get; } = new int[DynamicLevels.TableLength];

    /// <summary>Slopes of the lines: float32[16].</summary>
    public float[] Scales { get; } = new float[DynamicLevels.TableLength];

    /// <summary>Intercepts of the lines: float32[16].</summary>
    public float[] Offsets { get; } = new float[DynamicLevels.TableLength];

    /// <summary>Bits of the largest float that still means the section's last position: int32[16].</summary>
    public int[] Caps { get; } = new int[DynamicLevels.TableLength];

    private void SetLine(int entry, bool signed, int section)
    {
        int first = DynamicLevels.FirstPosition(signed, section);
        int last = section == DynamicMaps.Levels + 1 ? first : DynamicLevels.FirstPosition(signed, section + 1) - 1;
        (double unit, double origin) = FloatWithByte(last);
        if (section is > 0 and <= DynamicMaps.Levels)
        {
            double perAbsmax = unit / DynamicLevels.CellWidth(signed, section);
            double raise = unit * UncertainWindow / 2 / (1 << FractionBits);
            Scales[entry] = (float)perAbsmax;
            Offsets[entry] = (float)(origin + (unit * first) - (perAbsmax * DynamicLevels.Bottom(section)) + raise);
        }
        else
        {
            Offsets[entry] = (float)(origin + (unit * (first + 0.5)));
        }

        Caps[entry] = BitConverter.SingleToInt32Bits((float)(origin + (unit * (last + 1)))) - 1;
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
