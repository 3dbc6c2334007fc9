using System.Globalization;
using System.Reflection;
using System.Xml.Linq;
using Requant.Packages.Tests;

[assembly: AssemblyFixture(typeof(Feed))]

namespace Requant.Packages.Tests;

/// <summary>The packages of this repository in a folder outside it, and projects beside them that use them. Packed
/// under a version of its own, so that no package of an earlier run is taken for it.</summary>
public sealed class Feed : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"requant-packages-{Guid.NewGuid():N}");
    private readonly Dictionary<string, Task<string>> _projects = [];

    public string Version { get; } = string.Create(CultureInfo.InvariantCulture, $"0.0.0-test.{DateTime.UtcNow.Ticks}");

    public string Packages => Path.Combine(_folder, "feed");

    internal static string RepositoryRoot => Metadata("RepositoryRoot");

    /// <summary>The repository's public address, or empty where the build names none.</summary>
    internal static string RepositoryUrl => Find("RepositoryUrl") ?? "";

    /// <summary>Whether what is packed was built in a clone, not in a folder of sources.</summary>
    internal static bool IsInRepository => Metadata("IsInRepository") == "true";

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Packages);
        foreach (string project in Metadata("PackedProjects").Split(';'))
        {
            (await Command.Run(
                RepositoryRoot, "dotnet", "pack", project, "-c", Metadata("Configuration"), "--no-build", "-o",
                Packages,
                $"-p:MinVerVersionOverride={Version}", $"-p:PackageVersion={Version}",
                $"-p:NuspecOutputPath={Path.Combine(_folder, "nuspec")}/")).Succeeded();
        }

        // Files above the temporary folder are none of a user's business.
        foreach (string file
            in (string[])["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props"])
        {
            new XElement("Project").Save(Path.Combine(_folder, file));
        }

        new XElement("configuration",
            new XElement("packageSources", Setting("packed", Packages)),
            new XElement("fallbackPackageFolders", Setting("machine", Metadata("PackageFolder"))),
            new XElement("config", Setting("globalPackagesFolder", Path.Combine(_folder, "packages"))))
            .Save(Path.Combine(_folder, "nuget.config"));
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Builds one of the projects in Projects, once.</summary>
    /// <returns>Its assembly.</returns>
    internal Task<string> Build(string name)
    {
        lock (_projects)
        {
            return _projects.TryGetValue(name, out Task<string>? built) ? built : _projects[name] = BuildNow(name);
        }
    }

    /// <summary>Builds a project again, with further arguments.</summary>
    internal Task<Command> Rebuild(string name, params string[] arguments) => Run("build", name, arguments);

    /// <summary>Publishes a project that was built.</summary>
    /// <returns>The command, and the program it made.</returns>
    internal async Task<(Command Publish, string Program)> Publish(string name, params string[] arguments)
    {
        string output = Path.Combine(_folder, $"{name}-{Guid.NewGuid():N}");
        Command publish = await Run("publish", name, ["-o", output, .. arguments]);
        return (publish, Path.Combine(output, OperatingSystem.IsWindows() ? name + ".exe" : name));
    }

    /// <summary>Copies one of the projects in Projects and tries to restore it.</summary>
    internal Task<Command> Restore(string name)
    {
        CopyProject(name);
        return Command.Run(Path.Combine(_folder, name), "dotnet", "restore", $"-p:RequantVersion={Version}");
    }

    /// <summary>Makes a project by <c>dotnet new requant-rule</c>, with templates that are installed for this
    /// feed alone.</summary>
    /// <returns>Its folder.</returns>
    internal async Task<string> MakeFromTemplate(string name)
    {
        string[] hive = ["--debug:custom-hive", Path.Combine(_folder, "hive")];
        string package = Path.Combine(Packages, $"Requant.Templates.{Version}.nupkg");
        (await Command.Run(_folder, "dotnet", ["new", "install", package, .. hive])).Succeeded();
        (await Command.Run(_folder, "dotnet", ["new", "requant-rule", "-n", name, .. hive])).Succeeded();
        return Path.Combine(_folder, name);
    }

    /// <summary>Installs the command.</summary>
    /// <returns>Path of its program.</returns>
    internal async Task<string> InstallTool()
    {
        string tools = Path.Combine(_folder, "tools");
        (await Command.Run(
            _folder, "dotnet", "tool", "install", "Requant.Cli", "--tool-path", tools, "--version", Version, "--source",
            Packages)).Succeeded();
        return Path.Combine(tools, OperatingSystem.IsWindows() ? "requant.exe" : "requant");
    }

    private Task<Command> Run(string verb, string name, string[] arguments) => Command.Run(
        Path.Combine(_folder, name), "dotnet",
        [
            verb, "-c", "Release", $"-p:RequantVersion={Version}", $"-p:LibTorchVersion={LibTorchVersion()}",
            .. arguments,
        ]);

    private async Task<string> BuildNow(string name)
    {
        CopyProject(name);
        (await Rebuild(name)).Succeeded();
        return Path.Combine(_folder, name, "bin", "Release", "net10.0", name + ".dll");
    }

    private void CopyProject(string name)
    {
        string folder = Path.Combine(_folder, name);
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Projects", name)))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }
    }

    private static string LibTorchVersion() => XDocument.Load(Path.Combine(RepositoryRoot, "Directory.Packages.props"))
        .Descendants("PackageVersion").Single(one => (string?)one.Attribute("Include") == "libtorch-cpu-linux-x64")
        .Attribute("Version")!.Value;

    private static XElement Setting(string key, string value) =>
        new("add", new XAttribute("key", key), new XAttribute("value", value));

    private static string Metadata(string key) =>
        Find(key) ?? throw new InvalidOperationException($"The build left no '{key}'.");

    private static string? Find(string key) => typeof(Feed).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().SingleOrDefault(data => data.Key == key)?.Value;
}
