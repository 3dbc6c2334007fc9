using System.Diagnostics;
using System.Text.RegularExpressions;
using Requant.Tests;

namespace Requant.Packages.Tests;

/// <summary>Where a build's version comes from.</summary>
public sealed partial class VersionTests
{
    private static readonly string[] Copied =
        [
            "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", ".editorconfig",
            "global.json",
        ];

    [Fact]
    public async Task Build_OfSourcesAlone_OfACloneAndOfATag_HasItsVersion()
    {
        Assert.SkipUnless(LongRun.IsAskedFor, "A build and its versions take some seconds.");
        string folder = Directory.CreateTempSubdirectory("requant-version").FullName;
        Copy("Dsl", folder);
        Copy("build", folder);
        foreach (string file in Copied)
        {
            File.Copy(Path.Combine(Feed.RepositoryRoot, file), Path.Combine(folder, file));
        }

        Assert.Equal("0.1.0-alpha.0", await Build(folder));

        await File.WriteAllTextAsync(
            Path.Combine(folder, ".gitignore"), "bin/\nobj/\n", TestContext.Current.CancellationToken);
        await Git(folder, "init", "--quiet");
        await Git(folder, "add", "--all");
        await Git(folder, "-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "--quiet", "-m", "Sources");
        Assert.Equal("0.1.0-alpha.0", await Version(folder));

        await Git(folder, "tag", "v3.2.1");
        Assert.Equal("3.2.1", await Version(folder));
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<string> Build(string folder)
    {
        string output = (await Command.Run(Path.Combine(folder, "Dsl"), "dotnet", "build", "-c", "Release"))
            .Succeeded();
        Assert.DoesNotMatch(Warning(), output);
        return FileVersionInfo.GetVersionInfo(
            Path.Combine(folder, "Dsl", "bin", "Release", "net10.0", "Requant.Dsl.dll")).ProductVersion!;
    }

    /// <summary>What a build would have, without one; a warning would be a part of it.</summary>
    private static async Task<string> Version(string folder)
    {
        string project = Path.Combine(folder, "Dsl");
        (await Command.Run(project, "dotnet", "restore", "--force")).Succeeded();
        return (await Command.Run(
            project, "dotnet", "msbuild", "-t:GetAssemblyVersion", "-getProperty:InformationalVersion"))
            .Succeeded().Trim();
    }

    private static async Task Git(string folder, params string[] arguments) =>
        (await Command.Run(folder, "git", arguments)).Succeeded();

    private static void Copy(string name, string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, name));
        foreach (string file in Directory.GetFiles(Path.Combine(Feed.RepositoryRoot, name)))
        {
            File.Copy(file, Path.Combine(folder, name, Path.GetFileName(file)));
        }

        foreach (string inner in Directory.GetDirectories(Path.Combine(Feed.RepositoryRoot, name)))
        {
            if (Path.GetFileName(inner) is not ("bin" or "obj"))
            {
                Copy(Path.Combine(name, Path.GetFileName(inner)), folder);
            }
        }
    }

    [GeneratedRegex(@"\bwarning\b.*:")]
    private static partial Regex Warning();
}
