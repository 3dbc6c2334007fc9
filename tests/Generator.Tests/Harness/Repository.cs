using System.Reflection;

namespace Requant.Generator.Tests.Harness;

/// <summary>Files of the repository that the tests read, and goldens that they write when asked to.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Goldens { get; } = Path.Combine(Root, "tests", "Generator.Tests", "Goldens");

    public static string DiagnosticPages { get; } = Path.Combine(Root, "docs", "diagnostics");

    /// <summary>The public address, or null where the build names none.</summary>
    public static string? Address { get; } = typeof(Repository).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().SingleOrDefault(data => data.Key == "RepositoryUrl")?.Value;

    public static string Read(params string[] path) => File.ReadAllText(Path.Combine([Root, .. path]));

    /// <summary>Text of a rule that lies beside the tests: the shipped ones, and those of the folder Rules.</summary>
    public static string Rule(string name) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Rules", name + ".cs"));

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Requant.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Requant.slnx.");
    }
}
