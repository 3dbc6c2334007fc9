using System.Globalization;
using System.Text.RegularExpressions;

namespace Requant.Cli.Rules;

/// <summary>A line of the JIT's listing.</summary>
/// <param name="Text">The line.</param>
/// <param name="IsInstruction">Whether it is one.</param>
/// <param name="Origin">The line of the generated C# that it comes from, from 1; 0 for none.</param>
internal sealed partial record AsmLine(string Text, bool IsInstruction, int Origin)
{
    /// <summary>The lines of a listing with the bytes of its instructions, which say where each one is.</summary>
    /// <param name="listing">The listing.</param>
    /// <param name="map">IL offsets by offsets of machine code, in order; negative ones for code of no line.</param>
    /// <param name="lines">Lines by IL offsets, in order; 0 for code of no line.</param>
    public static IReadOnlyList<AsmLine> Of(
        string listing, IReadOnlyList<(int Native, int Il)> map, IReadOnlyList<(int Il, int Line)> lines)
    {
        var result = new List<AsmLine>();
        int offset = 0;
        foreach (string line in listing.TrimEnd('\n').Split('\n'))
        {
            if (Instruction().Match(line) is not { Success: true } match)
            {
                result.Add(new AsmLine(line, false, 0));
                continue;
            }

            int il = map.LastOrDefault(entry => entry.Native <= offset, (Native: 0, Il: -1)).Il;
            int origin = il < 0 ? 0 : lines.LastOrDefault(entry => entry.Il <= il, (Il: 0, Line: 0)).Line;
            result.Add(new AsmLine("       " + match.Groups["text"].Value, true, origin));
            offset += match.Groups["bytes"].Length / 2;
        }

        return result;
    }

    [GeneratedRegex("^ +(?<bytes>(?:[0-9A-F]{2})+) +(?<text>[a-z].*)$")]
    private static partial Regex Instruction();
}
