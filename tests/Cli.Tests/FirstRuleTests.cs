using System.Globalization;
using Xunit;

namespace Requant.Cli.Tests;

/// <summary>The sample that the documentation shows: it must do what it prints.</summary>
public class FirstRuleTests
{
    /// <summary>Where a problem that its weights solve ends; it begins at log 2.</summary>
    private const float SolvedLoss = 0.05f;

    [Fact]
    public async Task FirstRule_Run_TrainsEquallyWellInAQuarterOfTheMemory()
    {
        Invocation sample = await Invocation.RunProgram(Invocation.FirstRuleAssembly);

        Assert.Equal((0, ""), (sample.ExitCode, sample.Error));
        Assert.Contains("4160 bytes   m: Dynamic[4096]", sample.Output, StringComparison.Ordinal);
        Assert.Contains("16384 bytes   m: float32[4096]", sample.Output, StringComparison.Ordinal);
        float[][] losses = [.. sample.Output.Split('\n').Select(Losses).Where(row => row.Length == 3)];
        Assert.Equal([0.6931f, 0.6931f, 0.6931f], losses[0]);
        Assert.All(losses, row => Assert.Equal(row[0], row[2]));
        foreach (int column in new[] { 0, 1, 2 })
        {
            float[] falling = [.. losses.Select(row => row[column])];
            Assert.Equal(falling.OrderDescending(), falling);
            Assert.InRange(falling[^1], 0f, SolvedLoss);
        }
    }

    /// <summary>The three losses of a line that begins with a step.</summary>
    private static float[] Losses(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return words.Length == 4 && int.TryParse(words[0], out _)
            ? [.. words[1..].Select(word => float.Parse(word, CultureInfo.InvariantCulture))]
            : [];
    }
}
