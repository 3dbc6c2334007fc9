using System.Reflection;

namespace Requant.Docs.Tests;

/// <summary>The repository whose documentation is tested.</summary>
internal static class Repository
{
    /// <summary>Folders of what is made, of tests, whose texts are data, and of the contents of templates.</summary>
    private static readonly string[] Skipped =
        ["bin", "obj", "artifacts", "tests", "Generator", ".git", "TestResults", "content"];

    public static string Root { get; } = Path.TrimEndingDirectorySeparator(Metadata("RepositoryRoot"));

    /// <summary>Every page that people read, by its path from the root, with slashes.</summary>
    public static IReadOnlyList<MarkdownPage> Pages { get; } =
    [
        .. Directory.EnumerateFiles(Root, "*.md", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, file).Replace(Path.DirectorySeparatorChar, '/'))
            .Where(path => !path.Split('/').Any(Skipped.Contains))
            .Order(StringComparer.Ordinal)
            .Select(path => new MarkdownPage(path, File.ReadAllText(Path.Combine(Root, path)))),
    ];

    public static string Metadata(string key) => typeof(Repository).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == key).Value!;

    /// <summary>The assembly that a project builds.</summary>
    /// <param name="project">Its folder, from the root.</param>
    public static string AssemblyOf(string project)
    {
        string folder = Path.Combine(Root, project);
        string[] files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.csproj") : [];
        if (files.Length != 1)
        {
            throw new FileNotFoundException($"'{project}' is not a folder with a project.");
        }

        string name = System.Xml.Linq.XDocument.Load(files[0]).Descendants("AssemblyName").Single().Value;
        return Path.Combine(folder, "bin", Metadata("Configuration"), "net10.0", name + ".dll");
    }
}
