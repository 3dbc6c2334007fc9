using System.Numerics;

namespace Requant.Quantization;

/// <summary>A dynamic map as <c>slope * n + intercept</c> per level, with the remaining difference of each
/// value.</summary>
/// <remarks>Slopes and intercepts are indexed by the low 4 bits of the leading zeros of the 32-bit position n, which
/// tell the sections apart: 32 of n = 0 and 24 of n = 256 included.</remarks>
internal sealed class DynamicDecodeTables
{
    private const int IndexMask = DynamicLevels.TableLength - 1;

    public DynamicDecodeTables(ReadOnlySpan<float> values, bool signed)
    {
        int zeroCode = signed ? 127 : 0;
        int zeroPosition = signed ? 0 : 1;
        for (int section = 0; section < DynamicLevels.Sections; section++)
        {
            int first = DynamicLevels.FirstPosition(signed, section);
            int index = Index(first);
            if (section is > 0 and <= DynamicMaps.Levels)
            {
                double width = DynamicLevels.CellWidth(signed, section);
                Slopes[index] = (float)width;
                Intercepts[index] = (float)(DynamicLevels.Bottom(section) + (width * (0.5 - first)));
            }
            else
            {
                Intercepts[index] = section == 0 ? 0f : 1f;
            }
        }

        for (int code = zeroCode; code < values.Length; code++)
        {
            int position = code - zeroCode + zeroPosition;
            float line = MathF.FusedMultiplyAdd(Slopes[Index(position)], position, Intercepts[Index(position)]);
            int ulps = BitConverter.SingleToInt32Bits(values[code]) - BitConverter.SingleToInt32Bits(line);

            // The table has 128 entries with a sign; position 128, the value 1, shares entry 0, and both need none.
            int entry = signed ? position % 128 : code;
            Ulps[entry] = checked((sbyte)ulps);
        }
    }

    /// <summary>Slopes: float32[16].</summary>
    public float[] Slopes { get; } = new float[DynamicLevels.TableLength];

    /// <summary>Intercepts: float32[16].</summary>
    public float[] Intercepts { get; } = new float[DynamicLevels.TableLength];

    /// <summary>What to add to the bits of the line's value, int8[256]; by position modulo 128 with a sign, by code
    /// without.</summary>
    public sbyte[] Ulps { get; } = new sbyte[Codebook.MaxValues];

    private static int Index(int position) => BitOperations.LeadingZeroCount((uint)position) & IndexMask;
}
