namespace Requant.Samples.StateComparison;

/// <summary>A text as numbers of tokens, the most frequent first; part of it is kept to evaluate.</summary>
internal sealed class TokenText
{
    // More than there is.
    private const int TextLength = 12_000_000;
    private const int BlockLength = 2_048;
    private const int EvaluationBlockEvery = 10;

    private static readonly Lazy<string> DotnetText = new(() => DotnetDocumentation.Read(TextLength).Text);

    /// <summary>Numbers tokens.</summary>
    /// <param name="tokens">The text; every tenth block of 2048 tokens is kept to evaluate.</param>
    /// <param name="vocabularySize">Different tokens that are told apart; the rarer ones are one
    /// token, number 0.</param>
    public TokenText(IReadOnlyList<string> tokens, int vocabularySize)
    {
        Dictionary<string, long> numbers = tokens.CountBy(token => token)
            .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .Take(vocabularySize - 1).Index().ToDictionary(pair => pair.Item.Key, pair => pair.Index + 1L);
        VocabularySize = numbers.Count + 1;
        ILookup<bool, long[]> parts = tokens.Select(token => numbers.GetValueOrDefault(token))
            .Chunk(BlockLength).Index()
            .ToLookup(block => block.Index % EvaluationBlockEvery == EvaluationBlockEvery - 1, block => block.Item);
        Training = [.. parts[false].SelectMany(block => block)];
        Evaluation = [.. parts[true].SelectMany(block => block)];
    }

    /// <summary>Different numbers in the text.</summary>
    public int VocabularySize { get; }

    /// <summary>Nine tenths of the text.</summary>
    public long[] Training { get; }

    /// <summary>Every tenth block.</summary>
    public long[] Evaluation { get; }

    /// <summary>The documentation of the installed .NET SDK.</summary>
    /// <exception cref="UsageException">No reference pack is installed.</exception>
    public static string Documentation() => DotnetText.Value;
}
