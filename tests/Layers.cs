using System.Text.RegularExpressions;
using ArchUnitNET.Domain.Dependencies;
using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using Xunit;

namespace Requant.Tests;

/// <summary>The folders of a project as layers: which folder's compiled types use which other folder's.</summary>
internal sealed partial class Layers
{
    private readonly Dictionary<string, string> _folderOf = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SortedDictionary<string, string>> _uses = new(StringComparer.Ordinal);

    /// <param name="assembly">The compiled project.</param>
    /// <param name="folder">Its folder, from the repository's root.</param>
    public Layers(System.Reflection.Assembly assembly, string folder)
    {
        string root = Path.Combine(Root(), folder);
        foreach (string file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories))
        {
            string relative = Path.GetRelativePath(root, file).Replace('\\', '/');
            if (relative.StartsWith("obj/", StringComparison.Ordinal)
                || relative.StartsWith("bin/", StringComparison.Ordinal))
            {
                continue;
            }

            string text = File.ReadAllText(file);
            string space = Namespace().Match(text).Groups[1].Value;
            foreach (Match type in Declaration().Matches(text))
            {
                _folderOf[$"{space}.{type.Groups[1].Value}"] = Path.GetDirectoryName(relative)!.Replace('\\', '/');
            }
        }

        foreach (IType type in new ArchLoader().LoadAssembly(assembly).Build().Types)
        {
            // A type parameter is taken for one of all types that have one of its name.
            foreach (ITypeDependency dependency in type.Dependencies.Where(one => one.Target is not GenericParameter))
            {
                Add(
                    FolderOf(type.FullName), FolderOf(dependency.Target.FullName),
                    $"{type.Name} uses {dependency.Target.Name}");
            }
        }
    }

    /// <summary>Folders that were found.</summary>
    public IEnumerable<string> Folders => _folderOf.Values.Distinct();

    /// <summary>Fails if two folders use each other, or several in a circle.</summary>
    public void AssertNoCircles()
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (string folder in _uses.Keys)
        {
            Visit(folder, [], done);
        }
    }

    /// <summary>Fails if a folder uses one that does not stand before it.</summary>
    /// <param name="order">Folders from the bottom; a folder stands for those below it, and those of one layer are
    /// separated by spaces.</param>
    public void AssertOrder(params string[] order)
    {
        int LayerOf(string folder) => Array.FindIndex(order, layer => layer.Split(' ').Any(
            one => folder == one || folder.StartsWith(one + "/", StringComparison.Ordinal)));
        Assert.DoesNotContain(Folders, folder => LayerOf(folder) < 0);
        foreach ((string folder, SortedDictionary<string, string> uses) in _uses)
        {
            foreach ((string used, string how) in uses)
            {
                Assert.True(LayerOf(used) <= LayerOf(folder), $"'{folder}' stands below '{used}', and {how}");
            }
        }
    }

    private void Visit(string folder, List<string> path, HashSet<string> done)
    {
        int start = path.IndexOf(folder);
        Assert.True(
            start < 0, $"Folders use each other in a circle: {Describe([.. path.Skip(Math.Max(0, start)), folder])}");
        if (done.Contains(folder) || !_uses.TryGetValue(folder, out SortedDictionary<string, string>? uses))
        {
            return;
        }

        foreach (string used in uses.Keys)
        {
            Visit(used, [.. path, folder], done);
        }

        done.Add(folder);
    }

    private string Describe(string[] circle) => string.Join(
        "; ", circle.Zip(circle.Skip(1), (from, to) => $"'{from}' > '{to}': {_uses[from][to]}"));

    private void Add(string? from, string? to, string how)
    {
        if (from is null || to is null || from == to)
        {
            return;
        }

        if (!_uses.TryGetValue(from, out SortedDictionary<string, string>? uses))
        {
            _uses[from] = uses = new SortedDictionary<string, string>(StringComparer.Ordinal);
        }

        uses.TryAdd(to, how);
    }

    /// <summary>The folder of a type, or of the one that it is nested in; null for types of other projects.</summary>
    private string? FolderOf(string fullName) => _folderOf.GetValueOrDefault(OuterName().Match(fullName).Value);

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Requant.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("There is no Requant.slnx above the tests.");
    }

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(
        @"^(?:public|internal|file) (?:(?:static|sealed|readonly|abstract|ref|unsafe|partial) )*(?:class|record struct|record|struct|interface|enum|delegate [\w<>?\[\]]+) (\w+)",
        RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^[\w.]+")]
    private static partial Regex OuterName();
}
