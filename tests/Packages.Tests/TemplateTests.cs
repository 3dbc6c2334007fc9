using Requant.Tests;

namespace Requant.Packages.Tests;

/// <summary>What <c>dotnet new requant-rule</c> makes.</summary>
public sealed class TemplateTests(Feed feed)
{
    [Fact]
    public async Task Project_FromTheTemplate_TrainsAndItsTestsPass()
    {
        string folder = await feed.MakeFromTemplate("My.First-Rule");
        string project = Path.Combine(folder, "My.First-Rule");

        string[] lines = (await Command.Run(project, "dotnet", "run", "-c", "Release")).Succeeded()
            .ReplaceLineEndings("\n").TrimEnd().Split('\n');

        Assert.Equal("step  0: loss 0.6931", lines[0]);
        Assert.StartsWith("step 50: loss 0.0", lines[^2], StringComparison.Ordinal);
        Assert.StartsWith("4160 bytes of states for 4096 weights: ", lines[^1], StringComparison.Ordinal);
        Assert.Equal(7, lines.Length);
        Assert.Contains(
            "void My_First_Rule(", await File.ReadAllTextAsync(Path.Combine(project, "Rules.cs"),
                TestContext.Current.CancellationToken), StringComparison.Ordinal);

        // One more project to build.
        if (LongRun.IsAskedFor)
        {
            string tests = (await Command.Run(folder, "dotnet", "test", "-c", "Release")).Succeeded();
            Assert.Matches(@"succeeded:\s*2\b", tests);
        }
    }
}
