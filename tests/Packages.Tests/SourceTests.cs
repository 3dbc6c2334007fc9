namespace Requant.Packages.Tests;

/// <summary>What holds of all sources that people write here.</summary>
public sealed class SourceTests
{
    private const int MostCharacters = 120;

    /// <summary>Files with long lines within raw or verbatim strings.</summary>
    private static readonly string[] Exempt =
    [
        "Grammar.cs", "ManyRules.cs", "CpuRowTests.cs", "ScopeTests.cs", "HeaderTests.cs", "StateRoundingTests.cs",
        "Layers.cs",
    ];

    /// <summary>Folders of what is made, not written.</summary>
    private static readonly string[] Made = ["bin", "obj", "artifacts", "Goldens", ".git"];

    [Fact]
    public void Lines_OfEverySource_HaveAtMost120Characters()
    {
        string[] files =
            [.. Directory.EnumerateFiles(Feed.RepositoryRoot, "*.cs", SearchOption.AllDirectories).Where(IsWritten)];

        Assert.True(files.Length > 100, $"There are {files.Length} sources in {Feed.RepositoryRoot}.");
        Assert.Empty(files.SelectMany(
            file => File.ReadLines(file).Select((line, index) => (line.Length, Place: $"{file}:{index + 1}")))
            .Where(line => line.Length > MostCharacters).Select(line => line.Place));
    }

    private static bool IsWritten(string file) =>
        !Exempt.Contains(Path.GetFileName(file))
        && !Path.GetRelativePath(Feed.RepositoryRoot, file).Split(Path.DirectorySeparatorChar).Any(Made.Contains);
}
