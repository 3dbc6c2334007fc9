using System.Globalization;

namespace Requant.Packages.Tests;

/// <summary>What a user gets who installs the packages.</summary>
public sealed class PackageTests(Feed feed)
{
    /// <summary>One byte an element and a scale a block: what a quantized state of 4096 elements takes.</summary>
    private const int QuantizedBytes = 4096 + (4096 / 256 * sizeof(float));

    private IReadOnlyList<Package> Packages => [.. Directory.GetFiles(feed.Packages).Select(path => new Package(path))
        .OrderBy(one => one.Id, StringComparer.Ordinal)];

    [Fact]
    public void Packages_OfTheRepository_DependOnEachOther()
    {
        Assert.Equal(
            [
                "Requant", "Requant.Cli", "Requant.Distributed", "Requant.Optimizers", "Requant.Templates",
                "Requant.Testing", "Requant.Torch",
            ],
            Packages.Select(one => one.Id));
        Assert.Collection(Packages.Select(one => one.Dependencies),
            requant => Assert.Equal(["ILGPU", "System.IO.Hashing"], requant.Select(one => one.Split(' ')[0])),
            Assert.Empty,
            distributed => Assert.Equal([$"Requant {feed.Version}, All"], distributed),
            optimizers => Assert.Equal([$"Requant {feed.Version}, All"], optimizers),
            Assert.Empty,
            testing => Assert.Equal([$"Requant {feed.Version}, All"], testing),
            torch => Assert.Equal(
                [
                    $"Requant.Distributed {feed.Version}, All", $"Requant.Optimizers {feed.Version}, All",
                    "TorchSharp",
                ],
                torch.Select(one => one.StartsWith("TorchSharp ", StringComparison.Ordinal) ? "TorchSharp" : one)));
    }

    [Fact]
    public void Packages_WithAssemblies_HoldTheirDocumentationAndWhatTheCompilerLoads()
    {
        Dictionary<string, Package> packages = Packages.ToDictionary(one => one.Id);
        foreach ((string id, string[] assemblies) in new Dictionary<string, string[]>
        {
            ["Requant"] = ["Requant.Dsl", "Requant.Runtime"],
            ["Requant.Distributed"] = ["Requant.Distributed"],
            ["Requant.Optimizers"] = ["Requant.Optimizers"],
            ["Requant.Testing"] = ["Requant.Testing"],
            ["Requant.Torch"] = ["Requant.Torch"],
        })
        {
            Assert.Equal(
                assemblies.SelectMany(one => (string[])[$"lib/net10.0/{one}.dll", $"lib/net10.0/{one}.xml"]),
                packages[id].Files.Where(file => file.StartsWith("lib/", StringComparison.Ordinal))
                    .Order(StringComparer.Ordinal));
        }

        Assert.Equal(
            ["analyzers/dotnet/cs/Requant.Generator.dll", "analyzers/dotnet/cs/Scriban.Signed.dll"],
            packages["Requant"].Files.Where(file => file.StartsWith("analyzers/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task OwnRule_EveryWarningAnError_BuildsTrainsAndConforms()
    {
        string[] lines = (await Command.Run(".", "dotnet", await feed.Build("OwnRule"))).Succeeded()
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(
            [
                ("OwnLion", QuantizedBytes), ("Everything", 2 * QuantizedBytes), ("Descent", 0),
                ("Adam", 2 * QuantizedBytes),
            ],
            lines[..^1].Select(
                line => (line.Split(' ')[0], int.Parse(line.Split(' ')[3], CultureInfo.InvariantCulture))));
        Assert.All(lines[..^1], line => AssertFalls(line.Split(' ')[1..3]));
        Assert.StartsWith("OwnLion: the bits of the scalar kernels in ", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task GeneratedCode_UnderEveryAnalyzer_IsClean()
    {
        await feed.Build("OwnRule");

        string output =
            (await feed.Rebuild("OwnRule", "--no-restore", "--no-incremental", "-p:EveryAnalyzer=true")).Succeeded();

        string[] warnings =
            [.. output.Split('\n').Where(line => line.Contains(": warning ", StringComparison.Ordinal))];
        Assert.Contains(warnings, line => line.Contains("Rules.cs", StringComparison.Ordinal));
        Assert.DoesNotContain(warnings, line => line.Contains(".g.cs", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tool_Installed_ShowsTheKernelsOfAUsersAssembly()
    {
        string assembly = await feed.Build("OwnRule");
        string requant = await feed.InstallTool();

        string list = (await Command.Run(".", requant, "list", "--assembly", assembly)).Succeeded();
        string simd =
            (await Command.Run(".", requant, "inspect", "OwnLion", "--assembly", assembly, "--as", "simd")).Succeeded();
        string ptx =
            (await Command.Run(".", requant, "inspect", "OwnLion", "--assembly", assembly, "--as", "ptx")).Succeeded();

        Assert.All(
            (string[])["OwnLion", "Everything", "Descent"],
            rule => Assert.Contains(rule, list, StringComparison.Ordinal));
        Assert.Contains("ElementMath.Sign(update)", simd, StringComparison.Ordinal);
        Assert.Contains(".visible .entry", ptx, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OwnRuleInTorch_OnThisSystem_LoadsAndTrains()
    {
        string assembly = await feed.Build("OwnRuleInTorch");
        Assert.SkipUnless(File.Exists(NativeLibrary(assembly)), "TorchSharp has no native library for this system.");

        string[] lines = (await Command.Run(".", "dotnet", assembly)).Succeeded()
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(2, lines.Length);
        Assert.All(lines, line => AssertFalls(line.Split(' ')));
    }

    private static string NativeLibrary(string assembly)
    {
        string file = OperatingSystem.IsWindows()
            ? "LibTorchSharp.dll"
            : OperatingSystem.IsMacOS() ? "libLibTorchSharp.dylib" : "libLibTorchSharp.so";
        return Path.Combine(
            Path.GetDirectoryName(assembly)!, "runtimes",
            System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier, "native", file);
    }

    private static void AssertFalls(string[] beforeAndAfter)
    {
        float[] values = [.. beforeAndAfter.Select(value => float.Parse(value, CultureInfo.InvariantCulture))];
        Assert.True(values[1] < values[0], string.Join(" -> ", beforeAndAfter));
    }
}
