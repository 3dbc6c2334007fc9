using System.Text.RegularExpressions;

namespace Requant.Packages.Tests;

/// <summary>Programs that use the packages, published in the ways .NET has.</summary>
public sealed partial class PublishTests(Feed feed)
{
    [Fact]
    public async Task Program_TrimmedIntoOneFile_TrainsWithTheSameBits()
    {
        SkipUnlessAskedFor();

        (Command publish, string program) = await PublishAs("-p:PublishTrimmed=true", "-p:PublishSingleFile=true");

        // ILGPU finds by reflection what it compiles for devices; its warnings are about that.
        Assert.All(Warnings(publish), line => Assert.Contains(": ILGPU.", line, StringComparison.Ordinal));
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(program)!, "*.dll"));
        await AssertTrainsAsBuilt(program);
    }

    [Fact]
    public async Task Program_CompiledAheadOfTime_TrainsWithTheSameBitsAndHasNoWarning()
    {
        SkipUnlessAskedFor();
        Assert.SkipUnless(
            Exists("clang") || Exists("gcc") || Exists("link.exe"), "Native AOT needs clang or gcc as linker.");

        (Command publish, string program) = await PublishAs(
            "-p:PublishAot=true", Exists("clang") || OperatingSystem.IsWindows() ? "" : "-p:CppCompilerAndLinker=gcc");

        Assert.Empty(Warnings(publish));
        await AssertTrainsAsBuilt(program);
    }

    private static void SkipUnlessAskedFor() => Assert.SkipUnless(
        Environment.GetEnvironmentVariable("REQUANT_PUBLISH") == "1",
        "Publishing takes a minute or two; REQUANT_PUBLISH=1 asks for it.");

    private async Task<(Command Publish, string Program)> PublishAs(params string[] arguments)
    {
        await feed.Build("Published");
        (Command publish, string program) = await feed.Publish(
            "Published", [.. arguments.Where(one => one.Length > 0), "-r", Runtime(), "--self-contained"]);
        publish.Succeeded();
        return (publish, program);
    }

    private async Task AssertTrainsAsBuilt(string program)
    {
        string expected = (await Command.Run(".", "dotnet", await feed.Build("Published"))).Succeeded();

        Assert.Matches(@"^OwnLion 10 [0-9a-f]{16}\r?\nAdam 10 [0-9a-f]{16}\r?\n$", expected);
        Assert.Equal(expected, (await Command.Run(".", program)).Succeeded());
    }

    private static string Runtime() => System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier;

    private static IEnumerable<string> Warnings(Command publish) =>
        publish.Output.Split('\n').Where(line => Warning().IsMatch(line));

    private static bool Exists(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, program)));

    [GeneratedRegex(@"\bwarning\b.*\b[A-Z]+[0-9]{4}\b")]
    private static partial Regex Warning();
}
