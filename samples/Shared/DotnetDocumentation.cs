using System.Runtime.InteropServices;
using System.Text;
using System.Xml.Linq;

namespace Requant.Samples;

/// <summary>English prose that is on every machine with an SDK: what the reference pack's XML documentation
/// says.</summary>
internal static class DotnetDocumentation
{
    private const int MinParagraphLength = 40;

    /// <summary>Reads paragraphs, each once, in the order of the files' names.</summary>
    /// <param name="length">Characters after which it stops, at the end of a paragraph.</param>
    /// <returns>Where it is from, and the text.</returns>
    /// <exception cref="UsageException">No reference pack is installed.</exception>
    public static (string Folder, string Text) Read(int length)
    {
        string folder = FindReferencePack();
        var text = new StringBuilder(length);
        var seen = new HashSet<string>();
        foreach (string file in Directory.GetFiles(folder, "*.xml").Order(StringComparer.Ordinal))
        {
            foreach (string paragraph in Paragraphs(file))
            {
                if (paragraph.Length >= MinParagraphLength && seen.Add(paragraph) && text.Length < length)
                {
                    text.Append(paragraph).Append('\n');
                }
            }

            if (text.Length >= length)
            {
                break;
            }
        }

        return (folder, text.ToString());
    }

    private static string FindReferencePack()
    {
        // The runtime's folder is <root>/shared/Microsoft.NETCore.App/<version>/.
        string runtimeRoot = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        string?[] roots = [runtimeRoot, Environment.GetEnvironmentVariable("DOTNET_ROOT")];
        foreach (string root in roots.OfType<string>())
        {
            string pack = Path.Combine(root, "packs", "Microsoft.NETCore.App.Ref");
            string? newest = Directory.Exists(pack)
                ? Directory.GetDirectories(pack, "10.*").Select(version => Path.Combine(version, "ref", "net10.0"))
                    .Where(Directory.Exists).Order(StringComparer.Ordinal).LastOrDefault()
                : null;
            if (newest is not null)
            {
                return newest;
            }
        }

        throw new UsageException($"No .NET 10 reference pack below '{runtimeRoot}' "
            + "(packs/Microsoft.NETCore.App.Ref), whose documentation is the default text. Name a text file with "
            + "--data, or set DOTNET_ROOT to the SDK's folder.");
    }

    private static IEnumerable<string> Paragraphs(string xmlFile)
    {
        XElement members = XDocument.Load(xmlFile).Root?.Element("members") ?? new XElement("members");
        foreach (XElement element in members.Elements("member").Elements())
        {
            var paragraph = new StringBuilder();
            AppendText(element, paragraph);
            yield return string.Join(' ',
                paragraph.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        }
    }

    private static void AppendText(XElement element, StringBuilder text)
    {
        foreach (XNode node in element.Nodes())
        {
            switch (node)
            {
                case XText plain:
                    text.Append(plain.Value);
                    break;
                case XElement { IsEmpty: true } reference:
                    text.Append(ShortName(reference.FirstAttribute?.Value ?? ""));
                    break;
                case XElement nested:
                    AppendText(nested, text);
                    break;
            }
        }
    }

    /// <summary>"M:System.String.Trim(System.Char)" becomes "Trim".</summary>
    private static string ShortName(string identifier)
    {
        string name = identifier.Split('(')[0];
        return name[(name.LastIndexOf('.') + 1)..].Split('`')[0];
    }
}
