using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Requant.Devices.Ptx;

/// <summary>Which lines of a kernel's generated C# the instructions of its PTX come from.</summary>
/// <remarks>ILGPU names a file and a line for each instruction. What comes from another file, as loads and codecs do,
/// belongs to the lines that take its results, or make what it stores; what serves more than a few of them belongs to
/// none.</remarks>
internal static partial class PtxOrigins
{
    /// <summary>Lines that an instruction may serve; one that serves more, as an address of a tensor does, is the
    /// kernel's frame.</summary>
    private const int MostLines = 4;

    /// <summary>What ILGPU's text says of locations, in place of which instructions have them.</summary>
    /// <param name="text">As ILGPU writes it.</param>
    /// <param name="file">How the name of the generated file ends.</param>
    /// <returns>The text without locations; and, for each of its lines, the line of that file, or 0; negative where it
    /// says nothing itself, and an instruction before it does.</returns>
    public static (string Text, int[] Lines) Take(string text, string file)
    {
        string[] all = text.ReplaceLineEndings("\n").Split('\n');
        string[] numbers = [.. all.Select(line => FileLine().Match(line))
            .Where(match => match.Success && match.Groups[2].Value.EndsWith(file, StringComparison.Ordinal))
            .Select(match => match.Groups[1].Value)];
        var lines = new List<string>();
        var origins = new List<int>();
        int current = 0;
        bool isBlank = false;
        bool isInBody = false;
        foreach (string line in all)
        {
            if (LocationLine().Match(line) is { Success: true } location)
            {
                current = numbers.Contains(location.Groups[1].Value)
                    ? int.Parse(location.Groups[2].Value, CultureInfo.InvariantCulture)
                    : 0;
                // The generator of locations begins each with an empty line.
                if (isBlank)
                {
                    lines.RemoveAt(lines.Count - 1);
                    origins.RemoveAt(origins.Count - 1);
                }

                isBlank = false;
                continue;
            }

            // Where it finds the file, it writes what stands on the line, too.
            isInBody |= line.Trim() == "{";
            if ((isInBody && line.TrimStart().StartsWith("//", StringComparison.Ordinal))
                || FileLine().IsMatch(line) || line.Contains(".section.debug_info", StringComparison.Ordinal))
            {
                continue;
            }

            current = line.TrimEnd().EndsWith(':') ? 0 : current;
            lines.Add(line.Contains(".target", StringComparison.Ordinal) ? line.Replace(", debug", "") : line);
            origins.Add(current);
            isBlank = line.Length == 0;
            current = isBlank ? current : -Math.Abs(current);
        }

        return (string.Join('\n', lines).TrimEnd('\n') + "\n", [.. origins]);
    }

    /// <summary>Finds lines for the instructions that have none of their own: those that take what they make, as what
    /// decodes a state has, and else those that make what they take, as what encodes one has.</summary>
    public static void Spread(PtxBody body)
    {
        PtxLine[] lines = [.. body.Lines.Where(line => line.IsInstruction)];
        var readers = lines.SelectMany(line => line.Sources.Select(source => (source, line)))
            .ToLookup(pair => pair.source, pair => pair.line);
        var writers = lines.SelectMany(line => line.Results.Select(result => (result, line)))
            .ToLookup(pair => pair.result, pair => pair.line);
        // ILGPU says nothing of what it has made itself, which then stands behind something else.
        foreach (PtxLine line in lines.Reverse().Where(line => line.IsOriginInherited))
        {
            bool IsElsewhere(PtxLine other) => !other.Origins.Overlaps(line.Origins);
            PtxLine[] takers = [.. line.Results.SelectMany(result => readers[result])];
            if (takers.Length > 0 && takers.All(taker => !taker.Origins.IsEmpty && IsElsewhere(taker))
                && line.Sources.SelectMany(source => writers[source]).All(IsElsewhere))
            {
                line.Origins = [];
            }
        }

        PtxLine[] open = [.. lines.Where(line => line.Origins.IsEmpty)];
        Spread([.. open.Reverse()], line => line.Results.SelectMany(result => readers[result]));
        open = [.. open.Where(line => line.Origins.IsEmpty)];
        Spread(open, line => line.Sources.SelectMany(source => writers[source]));
        foreach (PtxLine line in lines.Where(line => line.Origins.Count > MostLines))
        {
            line.Origins = [];
        }
    }

    private static void Spread(PtxLine[] open, Func<PtxLine, IEnumerable<PtxLine>> neighbours)
    {
        bool isChanged = true;
        while (isChanged)
        {
            isChanged = false;
            foreach (PtxLine line in open)
            {
                ImmutableSortedSet<int> all = line.Origins.Union(neighbours(line)
                    .Where(other => other.Origins.Count <= MostLines).SelectMany(other => other.Origins));
                // What serves too many is not asked again.
                if (line.Origins.Count <= MostLines && all.Count > line.Origins.Count)
                {
                    line.Origins = all;
                    isChanged = true;
                }
            }
        }
    }

    [GeneratedRegex("""^\s*\.file\s+(\d+)\s+"(.*)"\s*$""")]
    private static partial Regex FileLine();

    [GeneratedRegex(@"^\s*\.loc\s+(\d+)\s+(\d+)\s")]
    private static partial Regex LocationLine();
}
