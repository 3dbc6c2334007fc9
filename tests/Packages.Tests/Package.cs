using System.IO.Compression;
using System.Text;
using System.Xml.Linq;

namespace Requant.Packages.Tests;

/// <summary>A package as its file says.</summary>
internal sealed class Package
{
    private readonly string _path;
    private readonly XElement _metadata;

    public Package(string path)
    {
        _path = path;
        using ZipArchive archive = ZipFile.OpenRead(path);
        Files = [.. archive.Entries.Select(entry => entry.FullName)];
        using Stream nuspec =
            archive.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        _metadata = XDocument.Load(nuspec).Root!.Elements().Single(element => element.Name.LocalName == "metadata");
    }

    public string Id => Text("id");

    public IReadOnlyList<string> Files { get; }

    /// <summary>Dependencies as <c>id version</c>, with what of them reaches the consumer if that is not
    /// the default.</summary>
    public IReadOnlyList<string> Dependencies =>
    [
        .. from dependency in _metadata.Descendants()
           where dependency.Name.LocalName == "dependency"
           let include = dependency.Attribute("include")
           select $"{dependency.Attribute("id")!.Value} {dependency.Attribute("version")!.Value}"
               + (include is null ? "" : $", {include.Value}"),
    ];

    public string Text(string name) => _metadata.Elements().Single(element => element.Name.LocalName == name).Value;

    /// <summary>What an element says beside its text, or null.</summary>
    public string? Attribute(string element, string name) =>
        _metadata.Elements().Single(one => one.Name.LocalName == element).Attribute(name)?.Value;

    /// <summary>A file's text.</summary>
    public string Read(string file) => Encoding.UTF8.GetString(Bytes(file));

    /// <summary>A file's bytes.</summary>
    public byte[] Bytes(string file)
    {
        using ZipArchive archive = ZipFile.OpenRead(_path);
        using Stream stream = archive.GetEntry(file)!.Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
