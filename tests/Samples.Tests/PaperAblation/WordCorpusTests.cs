using Requant.Samples.PaperAblation;

namespace Requant.Samples.Tests.PaperAblation;

public class WordCorpusTests
{
    /// <summary>Of a logarithm in float64.</summary>
    private const double Rounding = 1e-12;

    [Fact]
    public void Text_WordsAndSigns_AreNumberedByFrequency_RareOnesAreOneWord()
    {
        var corpus = new WordCorpus("", "a b, a c, a\na", vocabularySize: 3);

        // "a" four times, "," twice; "b", "c" and the line's end once.
        Assert.Equal([1, 0, 2, 1, 0, 2, 1, 0, 1], corpus.Training);
    }

    [Fact]
    public void FrequencyLoss_OfKnownFrequencies_IsTheirEntropy()
    {
        var corpus = new WordCorpus("", "a a b c", vocabularySize: 4);

        Assert.Equal((0.5 * Math.Log(2)) + (2 * 0.25 * Math.Log(4)), corpus.FrequencyLoss, Rounding);
    }

    [Fact]
    public void Text_OfManyBlocks_KeepsEveryTenthToValidate()
    {
        IEnumerable<string> words = Enumerable.Range(0, 20 * 2048).Select(i => i / 2048 % 10 == 9 ? "v" : "t");

        var corpus = new WordCorpus("", string.Join(' ', words), vocabularySize: 3);

        Assert.Equal((18 * 2048, 2 * 2048), (corpus.Training.Length, corpus.Validation.Length));
        Assert.All(corpus.Validation, word => Assert.Equal(2, word));
    }
}
