using System.Text.RegularExpressions;

namespace Requant.Samples.PaperAblation;

/// <summary>Text as numbers of words. Words are as uneven as the paper's tokens: a few make half of the text, most are
/// in few batches.</summary>
internal sealed partial class WordCorpus
{
    private const int TextLength = 4_000_000;
    private const int BlockLength = 2_048;
    private const int ValidationBlockEvery = 10;

    /// <summary>Splits a text into words and signs.</summary>
    /// <param name="source">Where it is from, for people.</param>
    /// <param name="text">At most one in ten blocks of 2048 words is kept to validate, so that short
    /// texts have none.</param>
    /// <param name="vocabularySize">Different words that are told apart; the rarer ones are one word, number 0.</param>
    public WordCorpus(string source, string text, int vocabularySize)
    {
        Source = source;
        string[] words = [.. Word().Matches(text).Select(match => match.Value)];
        Dictionary<string, long> numbers = words.CountBy(word => word)
            .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .Take(vocabularySize - 1).Index().ToDictionary(pair => pair.Item.Key, pair => pair.Index + 1L);
        ILookup<bool, long[]> parts = words.Select(word => numbers.GetValueOrDefault(word)).Chunk(BlockLength).Index()
            .ToLookup(block => block.Index % ValidationBlockEvery == ValidationBlockEvery - 1, block => block.Item);
        Training = [.. parts[false].SelectMany(block => block)];
        Validation = [.. parts[true].SelectMany(block => block)];
        VocabularySize = vocabularySize;
        FrequencyLoss = Entropy(Training);
    }

    /// <summary>Where the text is from, for people.</summary>
    public string Source { get; }

    /// <summary>Different numbers in the text.</summary>
    public int VocabularySize { get; }

    /// <summary>Nine tenths of the text.</summary>
    public long[] Training { get; }

    /// <summary>Every tenth block of the text.</summary>
    public long[] Validation { get; }

    /// <summary>Cross entropy of a model that knows how frequent words are and nothing else, in
    /// nats per word.</summary>
    public double FrequencyLoss { get; }

    /// <summary>Reads the documentation of the installed .NET SDK.</summary>
    /// <exception cref="UsageException">No reference pack is installed.</exception>
    public static WordCorpus FromDotnetDocumentation(int vocabularySize)
    {
        (string folder, string text) = DotnetDocumentation.Read(TextLength);
        return new WordCorpus(folder, text, vocabularySize);
    }

    private static double Entropy(long[] words) => -words.CountBy(word => word)
        .Select(pair => (double)pair.Value / words.Length).Sum(share => share * Math.Log(share));

    [GeneratedRegex(@"[A-Za-z]+|\n|[^\sA-Za-z]")]
    private static partial Regex Word();
}
