using System.Globalization;
using Requant.CompilerServices;

namespace Requant.Cli.Inspection;

/// <summary>A text about a rule, and the lines of the rule that each of its lines comes from.</summary>
/// <param name="Lines">The text.</param>
/// <param name="Rule">For each line, lines of the rule, from 1; none for what belongs to the frame.</param>
internal sealed record ListingText(IReadOnlyList<string> Lines, IReadOnlyList<int[]> Rule)
{
    /// <summary>One that travels with the rule.</summary>
    /// <param name="rule">The generated record.</param>
    /// <param name="kind">As <see cref="RuleListingAttribute.Read"/> takes it.</param>
    /// <exception cref="CommandException">The rule was compiled with an older generator.</exception>
    public static ListingText Read(Type rule, string kind)
    {
        string text = RuleListingAttribute.Read(rule, kind) ?? throw Missing(rule, kind);
        string[] lines = text.TrimEnd('\n').Split('\n');
        int[][] origins = [.. lines.Select(_ => Array.Empty<int>())];
        if (kind == Source)
        {
            return new ListingText(lines, [.. lines.Select((_, line) => new[] { line + 1 })]);
        }

        string map = RuleListingAttribute.Read(rule, kind + ".lines") ?? throw Missing(rule, kind + ".lines");
        foreach (string entry in map.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int colon = entry.IndexOf(':', StringComparison.Ordinal);
            origins[int.Parse(entry[..colon], CultureInfo.InvariantCulture) - 1] =
                [.. entry[(colon + 1)..].Split(',').Select(line => int.Parse(line, CultureInfo.InvariantCulture))];
        }

        return new ListingText(lines, origins);
    }

    /// <summary>The rule's own text.</summary>
    public const string Source = "source";

    /// <summary>Lines of the rule that lines of this text, from 1, come from.</summary>
    public int[] From(IEnumerable<int> lines) =>
        [.. lines.Where(line => line > 0 && line <= Rule.Count).SelectMany(line => Rule[line - 1]).Distinct().Order()];

    private static CommandException Missing(Type rule, string kind) => new(
        $"Rule '{rule.FullName}' carries no '{kind}' text. Build its project again with the Requant.Generator of this "
        + "version.");
}
