using Requant.Samples.PaperAblation;

namespace Requant.Samples.Tests.PaperAblation;

public class SettingTests
{
    [Fact]
    public void OneAtATime_IsTheDefaultAndSixThatDifferInOneValue()
    {
        Assert.Equal(7, Setting.OneAtATime.Distinct().Count());
        Assert.Equal(7, Setting.OneAtATime.Count);
        Assert.Equal(Setting.Default, Setting.OneAtATime[0]);
        Assert.All(Setting.OneAtATime.Skip(1), setting => Assert.Equal(1, Differences(setting)));
    }

    [Fact]
    public void Full_IsEveryCombinationOfThePapersValues()
    {
        Assert.Equal(27, Setting.Full.Distinct().Count());
        Assert.Equal([1e-8f, 1e-7f, 1e-6f], Setting.Full.Select(setting => setting.Eps).Distinct());
        Assert.Equal([0.9f, 0.87f, 0.93f], Setting.Full.Select(setting => setting.Beta1).Distinct());
        Assert.Equal([0.999f, 0.99f, 0.98f], Setting.Full.Select(setting => setting.Beta2).Distinct());
    }

    [Theory]
    [InlineData("default", 1e-8f, 0.9f, 0.999f)]
    [InlineData("eps 1e-6", 1e-6f, 0.9f, 0.999f)]
    [InlineData("eps 1e-7, beta2 0.98", 1e-7f, 0.9f, 0.98f)]
    [InlineData("beta1 0.87, beta2 0.99", 1e-8f, 0.87f, 0.99f)]
    public void Difference_NamesWhatIsNotTheDefault(string expected, float eps, float beta1, float beta2) =>
        Assert.Equal(expected, new Setting(eps, beta1, beta2).Difference);

    private static int Differences(Setting setting) => (setting.Eps != Setting.Default.Eps ? 1 : 0)
        + (setting.Beta1 != Setting.Default.Beta1 ? 1 : 0) + (setting.Beta2 != Setting.Default.Beta2 ? 1 : 0);
}
