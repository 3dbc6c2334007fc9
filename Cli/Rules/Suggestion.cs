namespace Requant.Cli.Rules;

/// <summary>Finds what a mistyped name may have meant.</summary>
internal static class Suggestion
{
    /// <summary>A sentence with the closest of <paramref name="known"/>, after a space, or nothing where
    /// none is close.</summary>
    public static string For(string given, IEnumerable<string> known)
    {
        int limit = Math.Max(1, given.Length / 3);
        (string? name, int distance) = known
            .Select(name => (name, Distance(given.ToUpperInvariant(), name.ToUpperInvariant())))
            .DefaultIfEmpty((null!, int.MaxValue))
            .MinBy(candidate => candidate.Item2);
        return distance <= limit ? $" Did you mean '{name}'?" : "";
    }

    /// <summary>Levenshtein distance: insertions, deletions and replacements of one character.</summary>
    private static int Distance(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 1; i <= from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[to.Length];
    }
}
