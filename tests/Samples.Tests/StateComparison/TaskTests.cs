using Requant.Samples.StateComparison;

namespace Requant.Samples.Tests.StateComparison;

/// <summary>Data of the tasks.</summary>
public class TaskTests
{
    [Fact]
    public void BagOfWords_EveryDocument_LacksNinetyFivePercentOfTheWords()
    {
        var task = (BagOfWordsTask)TaskChoice.Find("bag").Create();

        for (int document = 0; document < 200; document++)
        {
            float[] inputs = task.Inputs([document]);
            Assert.InRange(inputs.Count(value => value == 0) / (double)inputs.Length, 0.95, 0.999);
            Assert.Equal(64, inputs.Sum(value => MathF.Exp(value) - 1), 1e-3);
        }
    }

    [Fact]
    public void Words_OfTheDocumentation_FillTheVocabulary() =>
        Assert.Equal(16_000, ((WordTask)TaskChoice.Find("words").Create()).VocabularySize);

    [Fact]
    public void TokenText_Tokens_AreNumberedByFrequency_RareOnesAreOneToken()
    {
        var text = new TokenText(["b", "a", "c", "a", "c", "a"], vocabularySize: 3);

        Assert.Equal([0, 1, 2, 1, 2, 1], text.Training);
        Assert.Empty(text.Evaluation);
        Assert.Equal(3, text.VocabularySize);
    }

    [Fact]
    public void TokenText_OfManyBlocks_KeepsEveryTenthToEvaluate()
    {
        var text = new TokenText(
            [.. Enumerable.Range(0, 20 * 2048).Select(i => i / 2048 % 10 == 9 ? "e" : "t")], vocabularySize: 3);

        Assert.Equal(18 * 2048, text.Training.Length);
        Assert.Equal(2 * 2048, text.Evaluation.Length);
        Assert.Single(text.Training.Distinct());
        Assert.Single(text.Evaluation.Distinct());
    }
}
