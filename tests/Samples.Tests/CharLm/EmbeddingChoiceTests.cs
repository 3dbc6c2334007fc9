extern alias CharLm;

using CharLm::Requant.Samples.CharLm;

namespace Requant.Samples.Tests.CharLm;

/// <summary>Runs that are compared have one embedding, unless the paper's comparison is asked for.</summary>
public class EmbeddingChoiceTests
{
    public static TheoryData<string> QuantizedNames =>
        [.. OptimizerChoice.All.Where(one => one.Is8Bit).Select(one => one.Name)];

    [Theory]
    [InlineData("plain", false, false)]
    [InlineData("stable", true, true)]
    [InlineData("paper", false, true)]
    public void IsStable_OfEachChoice_IsWhatItsNameSays(string name, bool is32, bool is8)
    {
        OptimizerChoice optimizer = OptimizerChoice.Find("adam");
        EmbeddingChoice embedding = EmbeddingChoice.Find(name);

        Assert.Equal((is32, is8), (embedding.IsStable(optimizer.Baseline), embedding.IsStable(optimizer)));
    }

    [Theory, MemberData(nameof(QuantizedNames))]
    public void IsStable_ByDefault_IsTheSameInBothRuns(string name)
    {
        OptimizerChoice optimizer = OptimizerChoice.Find(name);
        EmbeddingChoice embedding = EmbeddingChoice.Find(EmbeddingChoice.Default);

        Assert.Equal(embedding.IsStable(optimizer.Baseline), embedding.IsStable(optimizer));
    }

    [Fact]
    public void Find_NameThatThereIsNot_ListsAll()
    {
        var exception = Assert.Throws<CharLm::Requant.Samples.UsageException>(() => EmbeddingChoice.Find("soft"));

        Assert.Equal("--embedding: there is no 'soft'. Choose one of plain, stable, paper.", exception.Message);
    }

    [Theory]
    [InlineData(false, false, "they differ in their states alone")]
    [InlineData(true, true, "they differ in their states alone")]
    [InlineData(false, true, "The stable embedding has a part in that")]
    public void Remark_SaysWhatTheRunsDifferIn(bool isStable32, bool isStable8, string says)
    {
        Assert.Contains(says, Report.Remark(Result(isStable32), Result(isStable8)), StringComparison.Ordinal);

        static RunResult Result(bool isStable) => new("Adam", isStable, [1], [(1, 1)], 1, 2, 1, 1, 1);
    }
}
