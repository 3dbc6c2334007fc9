using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Text.RegularExpressions;

namespace Requant.Packages.Tests;

/// <summary>What a package says of itself, and of what is in it.</summary>
public sealed partial class ContentTests(Feed feed)
{
    /// <summary>SourceLink's, in the specification of portable debug information.</summary>
    private static readonly Guid SourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    private IReadOnlyList<Package> Packages =>
        [.. Directory.GetFiles(feed.Packages).Select(path => new Package(path))];

    [Fact]
    public void Packages_OfTheRepository_SayWhatTheyAre()
    {
        Assert.NotEmpty(Packages);
        Assert.All(Packages, package =>
        {
            Assert.Equal(
                ("MIT", "README.md", "icon.png"),
                (package.Text("license"), package.Text("readme"), package.Text("icon")));
            Assert.NotEqual("Package Description", package.Text("description"));
            Assert.Contains("optimizer", package.Text("tags").Split(' '));
            Assert.Equal((byte[])[0x89, .. "PNG"u8], package.Bytes("icon.png")[..4]);
        });
    }

    [Fact]
    public void Readmes_OfPackages_AreTheirOwnAndStandAlone()
    {
        Assert.All(Packages, package =>
        {
            string readme = package.Read("README.md");
            string title = package.Id == "Requant.Cli" ? "requant" : package.Id;
            Assert.StartsWith($"# {title}\n", readme.ReplaceLineEndings("\n"), StringComparison.Ordinal);
            Assert.Contains(".NET 10", readme, StringComparison.Ordinal);
            Assert.DoesNotMatch(RelativeLink(), readme);
        });
    }

    [Fact]
    public void Packages_OfAClone_NameAddressAndCommit()
    {
        Assert.SkipUnless(Feed.IsInRepository && Feed.RepositoryUrl.Length > 0, "The build names no repository.");

        Assert.All(Packages, package =>
        {
            Assert.Equal(Feed.RepositoryUrl, package.Attribute("repository", "url"));
            Assert.Matches("^[0-9a-f]{40}$", package.Attribute("repository", "commit"));
        });
    }

    [Fact]
    public void Assemblies_OfAClone_LeadDebuggersToTheSources()
    {
        Assert.SkipUnless(Feed.IsInRepository && Feed.RepositoryUrl.Length > 0, "The build names no repository.");

        int assemblies = 0;
        foreach (Package package in Packages)
        {
            foreach (string file in package.Files.Where(IsOurs))
            {
                using var image = new PEReader(new MemoryStream(package.Bytes(file)));
                DebugDirectoryEntry entry = image.ReadDebugDirectory()
                    .Single(one => one.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
                using MetadataReaderProvider provider = image.ReadEmbeddedPortablePdbDebugDirectoryData(entry);
                MetadataReader symbols = provider.GetMetadataReader();
                byte[] link = symbols.CustomDebugInformation.Select(symbols.GetCustomDebugInformation)
                    .Where(one => symbols.GetGuid(one.Kind) == SourceLink)
                    .Select(one => symbols.GetBlobBytes(one.Value)).Single();
                string raw = Feed.RepositoryUrl.Replace(
                    "https://github.com/", "https://raw.githubusercontent.com/", StringComparison.Ordinal);
                Assert.StartsWith($"{{\"documents\":{{\"/_/*\":\"{raw}/", Encoding.UTF8.GetString(link),
                    StringComparison.Ordinal);
                Assert.All(
                    symbols.Documents.Select(one => symbols.GetString(symbols.GetDocument(one).Name)),
                    name => Assert.DoesNotContain(Feed.RepositoryRoot, name, StringComparison.Ordinal));
                assemblies++;
            }
        }

        // Two and the generator in Requant, one in each library, and those that the command brings.
        Assert.InRange(assemblies, 11, 20);
    }

    [Fact]
    public void Notices_OfPackages_NameTheAssembliesOfOthers()
    {
        Assert.All(Packages, package =>
        {
            string notices = package.Read("THIRD-PARTY-NOTICES.txt");
            Assert.All(
                package.Files.Where(file => file.EndsWith(".dll", StringComparison.Ordinal) && !IsOurs(file)),
                file => Assert.Contains(
                    Path.GetFileNameWithoutExtension(file).Replace(".Signed", "", StringComparison.Ordinal),
                    notices, StringComparison.Ordinal));
        });
    }

    [Fact]
    public void Requant_Package_HoldsThePagesOfItsDiagnostics()
    {
        Package requant = Packages.Single(package => package.Id == "Requant");

        Assert.Equal(
            Directory.GetFiles(Path.Combine(Feed.RepositoryRoot, "docs", "diagnostics"), "*.md")
                .Select(file => $"docs/diagnostics/{Path.GetFileName(file)}").Order(StringComparer.Ordinal),
            requant.Files.Where(file => file.StartsWith("docs/diagnostics/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal));
        Assert.Contains("docs/functions.md", requant.Files);
    }

    [Fact]
    public async Task Requant_ForNetStandard_SaysWhatItNeeds()
    {
        Command restore = await feed.Restore("OldFramework");

        Assert.NotEqual(0, restore.ExitCode);
        Assert.Matches(@"NU1202: .*Requant .*not compatible with netstandard2\.0.*supports: net10\.0", restore.Output);
    }

    private static bool IsOurs(string file) =>
        file.EndsWith(".dll", StringComparison.Ordinal)
        && Path.GetFileName(file).StartsWith("requant", StringComparison.OrdinalIgnoreCase);

    /// <summary>A link of Markdown that leads nowhere once the text is in a package.</summary>
    [GeneratedRegex(@"\]\((?!https://)")]
    private static partial Regex RelativeLink();
}
