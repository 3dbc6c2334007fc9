namespace Requant.Torch;

/// <summary>Whether saved states are of the rule that reads them, and in which format a stream has them.</summary>
internal static class RuleIdentity
{
    /// <summary>Before states could be rounded stochastically. Codecs are numbers, and codes those of
    /// <see cref="PaperDynamic"/>.</summary>
    public const int FirstFormat = 1;

    public const int CurrentFormat = 2;

    /// <summary>Stands between the format and the hash. Format 1 has the hash alone.</summary>
    private const char Separator = ':';

    /// <summary>What a stream of the current format has in the place of a hash: versions that know format 1 alone take
    /// it for that of another version of the rule.</summary>
    public static string Mark(RuleInfo rule) => $"{CurrentFormat}{Separator}{rule.Hash}";

    /// <summary>Throws unless a stream is of the rule, and of a format that this version reads.</summary>
    /// <returns>The format.</returns>
    public static int Require<TRule>(string name, string mark) where TRule : IOptimizerRule<TRule>
    {
        RuleInfo mine = RuleInfo.Of<TRule>();
        if (name != mine.Name)
        {
            throw new InvalidDataException($"The states are of rule {name} and this optimizer runs {mine.Name}; "
                + "load them into the former.");
        }

        // A hash of format 1 was of declared codecs and block sizes too, which may have changed since; they are
        // compared one by one.
        int end = mark.IndexOf(Separator, StringComparison.Ordinal);
        if (end < 0)
        {
            return FirstFormat;
        }

        if (mark[..end] != $"{CurrentFormat}")
        {
            throw new InvalidDataException($"The states are of format {mark[..end]}, and this version reads "
                + $"{FirstFormat} and {CurrentFormat}; load them with the version that saved them.");
        }

        string hash = mark[(end + 1)..];
        return hash == mine.Hash ? CurrentFormat : throw new InvalidDataException(
            $"The states are of another version of rule {name} (hash {hash}) than this one (hash {mine.Hash}); load "
            + $"them with the version that saved them.");
    }
}
