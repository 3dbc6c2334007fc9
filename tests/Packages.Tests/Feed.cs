using System.Globalization;
using System.Reflection;
using System.Xml.Linq;

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

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Packages);
        foreach (string project in Metadata("PackedProjects").Split(';'))
        {
            (await Command.Run(
                RepositoryRoot, "dotnet", "pack", project, "-c", Metadata("Configuration"), "--no-build", "-o",
                Packages,
                $"-p:PackageVersion={Version}", $"-p:NuspecOutputPath={Path.Combine(_folder, "nuspec")}/")).Succeeded();
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
    internal Task<Command> Rebuild(string name, params string[] arguments) => Command.Run(
        Path.Combine(_folder, name), "dotnet",
        [
            "build", "-c", "Release", $"-p:RequantVersion={Version}", $"-p:LibTorchVersion={LibTorchVersion()}",
            .. arguments,
        ]);

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

    private async Task<string> BuildNow(string name)
    {
        string folder = Path.Combine(_folder, name);
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Projects", name)))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        (await Rebuild(name)).Succeeded();
        return Path.Combine(folder, "bin", "Release", "net10.0", name + ".dll");
    }

    private static string LibTorchVersion() => XDocument.Load(Path.Combine(RepositoryRoot, "Directory.Packages.props"))
        .Descendants("PackageVersion").Single(one => (string?)one.Attribute("Include") == "libtorch-cpu-linux-x64")
        .Attribute("Version")!.Value;

    private static XElement Setting(string key, string value) =>
        new("add", new XAttribute("key", key), new XAttribute("value", value));

    private static string Metadata(string key) => typeof(Feed).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == key).Value!;
}
