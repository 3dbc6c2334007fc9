using System.Runtime.InteropServices;
using System.Text;
using System.Xml.Linq;

namespace Requant.Samples.CharLm;

/// <summary>Text as numbers, split into a training and a validation part.</summary>
internal sealed class Corpus
{
    /// <summary>Shorter texts do not fill the validation part.</summary>
    public const int MinLength = 50_000;

    private const int DefaultLength = 4_000_000;
    private const int MinParagraphLength = 40;
    private const int BlockLength = 8_192;
    private const int ValidationBlockEvery = 10;

    private Corpus(string source, byte[] text)
    {
        byte[] alphabet = [.. text.Distinct().Order()];
        long[] indexOf = new long[256];
        for (int i = 0; i < alphabet.Length; i++)
        {
            indexOf[alphabet[i]] = i;
        }

        ILookup<bool, byte[]> parts = text.Chunk(Math.Min(BlockLength, text.Length / ValidationBlockEvery))
            .Index().ToLookup(block => block.Index % ValidationBlockEvery == ValidationBlockEvery - 1,
                block => block.Item);
        Source = source;
        VocabularySize = alphabet.Length;
        Training = [.. parts[false].SelectMany(block => block).Select(symbol => indexOf[symbol])];
        Validation = [.. parts[true].SelectMany(block => block).Select(symbol => indexOf[symbol])];
    }

    /// <summary>Where the text is from, for people.</summary>
    public string Source { get; }

    /// <summary>Different bytes in the text.</summary>
    public int VocabularySize { get; }

    /// <summary>Nine tenths of the text, as indices into the vocabulary.</summary>
    public long[] Training { get; }

    /// <summary>Every tenth block of the text.</summary>
    public long[] Validation { get; }

    /// <summary>Reads a file as bytes.</summary>
    /// <exception cref="UsageException">It is missing, unreadable or too short.</exception>
    public static Corpus FromFile(string path)
    {
        if (!File.Exists(path))
        {
            throw new UsageException($"--data: there is no file '{path}'. Give the path of a text file, or leave "
                + "--data out to train on the documentation of the installed .NET SDK.");
        }

        try
        {
            return Create(path, File.ReadAllBytes(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--data: '{path}' cannot be read: {exception.Message}");
        }
    }

    /// <summary>English prose that is on every machine with an SDK: what the reference pack's XML documentation
    /// says.</summary>
    /// <exception cref="UsageException">No reference pack is installed.</exception>
    public static Corpus FromDotnetDocumentation()
    {
        string folder = FindReferencePack();
        var text = new StringBuilder(DefaultLength);
        var seen = new HashSet<string>();
        foreach (string file in Directory.GetFiles(folder, "*.xml").Order(StringComparer.Ordinal))
        {
            foreach (string paragraph in Paragraphs(file))
            {
                if (paragraph.Length >= MinParagraphLength && seen.Add(paragraph) && text.Length < DefaultLength)
                {
                    text.Append(paragraph).Append('\n');
                }
            }

            if (text.Length >= DefaultLength)
            {
                break;
            }
        }

        return Create(folder, Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static Corpus Create(string source, byte[] text) => text.Length >= MinLength
        ? new Corpus(source, text)
        : throw new UsageException($"The text '{source}' has {text.Length:N0} bytes; training needs at least "
            + $"{MinLength:N0}. "
            + "Choose a longer one with --data.");

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
