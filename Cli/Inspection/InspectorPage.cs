using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Requant.Cli.Inspection;

/// <summary>The page: one file that needs nothing else.</summary>
internal static class InspectorPage
{
    private static readonly JsonSerializerOptions Json =
        new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Refuses a file in a folder that does not exist, before anything is compiled for it.</summary>
    /// <exception cref="CommandException">It does not exist.</exception>
    public static void RequireFolder(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? path;
        if (!Directory.Exists(folder))
        {
            throw new CommandException(
                $"The page cannot be written to '{path}': there is no folder '{folder}'. Make it, or name another "
                + "file.");
        }
    }

    /// <summary>Writes the page.</summary>
    /// <param name="path">The file; an old one is replaced.</param>
    /// <param name="own">What it shows.</param>
    /// <param name="against">What that is compared with; null for nothing.</param>
    /// <param name="other">The other rule's texts; null where it is the same one.</param>
    /// <exception cref="CommandException">The file cannot be written.</exception>
    public static void Write(string path, RulePanes own, Against? against, RulePanes? other)
    {
        // Base64 has no '<' that could end the element around the data.
        string text = Resource("page.html")
            .Replace("{{title}}", WebUtility.HtmlEncode(own.Name))
            .Replace("{{style}}", Resource("page.css"))
            .Replace("{{script}}", Resource("page.js"))
            .Replace("{{data}}", Data(own, against, other));
        try
        {
            File.WriteAllText(path, text);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"The page cannot be written to '{path}': {failure.Message}", failure);
        }
    }

    /// <summary>Shows a file in the browser that the system is set to.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public static void Open(string path)
    {
        try
        {
            Process.Start(new ProcessStartInfo(Path.GetFullPath(path)) { UseShellExecute = true })?.Dispose();
        }
        catch (Exception failure) when (failure is System.ComponentModel.Win32Exception or FileNotFoundException)
        {
            throw new CommandException($"No browser could be started; open '{path}' in one.", failure);
        }
    }

    private static string Data(RulePanes own, Against? against, RulePanes? other)
    {
        using var memory = new MemoryStream();
        using (var deflate = new DeflateStream(memory, CompressionLevel.SmallestSize))
        {
            JsonSerializer.Serialize(deflate, new { own, against, other }, Json);
        }

        return Convert.ToBase64String(memory.ToArray());
    }

    private static string Resource(string name)
    {
        using Stream stream = typeof(InspectorPage).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n").TrimEnd('\n');
    }
}
