namespace Requant.Codecs.Dynamic;

/// <summary>The dynamic maps as lines, one per level, for kernels that compute what others look up.</summary>
/// <remarks>
/// Number the values from 0 up: position n is |code - 127| of a signed map and code + 1 of an unsigned one. Level i
/// then holds the positions [2^(i+s), 2^(i+s+1)), s = 0 with a sign and 1 without, and its values lie on a line but for
/// rounding noise. Encoders use the lines and repair the noise, see <see cref="DynamicEncodeTables"/> and
/// <see cref="DynamicGroups"/>; nothing here changes a bit of any result.
/// </remarks>
internal static class DynamicLevels
{
    /// <summary>Sections of the positive axis: zero, the levels, one.</summary>
    public const int Sections = DynamicMaps.Levels + 2;

    /// <summary>Lanes of the permutations that look tables up.</summary>
    public const int TableLength = 16;

    /// <summary>The first position of section <paramref name="section"/>.</summary>
    public static int FirstPosition(bool signed, int section) =>
        section == 0 ? (signed ? 0 : 1) : 1 << (section - 1 + (signed ? 0 : 1));

    /// <summary>Width of a cell of a level's section, in units of absmax.</summary>
    public static double CellWidth(bool signed, int section) => 0.9 * Top(section) / FirstPosition(signed, section);

    /// <summary>Lower end of a level's section, in units of absmax.</summary>
    public static double Bottom(int section) => 0.1 * Top(section);

    private static double Top(int section) => Math.Pow(10, section - DynamicMaps.Levels);
}
