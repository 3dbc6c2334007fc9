namespace Requant.Docs.Tests;

/// <summary>What pages point at is there.</summary>
public sealed class LinkTests
{
    public static TheoryData<string> Paths { get; } = [.. Repository.Pages.Select(page => page.Path)];

    [Theory]
    [MemberData(nameof(Paths))]
    public void Links_OfAPage_Exist(string path)
    {
        MarkdownPage page = PageAt(path)!;

        Complaints.AssertNone(page.Links.Where(link => !IsElsewhere(link.Target) && !Exists(page, link.Target))
            .Select(link => $"{path}:{link.Line}: there is no {link.Target}"));
    }

    [Fact]
    public void Pages_OfTheDocumentation_AreReachedFromTheReadme()
    {
        HashSet<string> reached = ["README.md"];
        var waiting = new Queue<string>(reached);
        while (waiting.TryDequeue(out string? path))
        {
            foreach (PageLink link in PageAt(path)?.Links ?? [])
            {
                string target = IsElsewhere(link.Target) ? "" : Resolve(path, link.Target.Split('#')[0]);
                if (PageAt(target) is not null && reached.Add(target))
                {
                    waiting.Enqueue(target);
                }
            }
        }

        Complaints.AssertNone(Repository.Pages.Select(page => page.Path)
            .Where(path => path.StartsWith("docs/", StringComparison.Ordinal))
            .Except(reached).Select(path => $"{path}: no page that the README leads to links to it"));
    }

    [Fact]
    public void Decisions_OfAllPages_SayTheirStatus() => Complaints.AssertNone(
        from page in Repository.Pages
        where page.Path.StartsWith("docs/adr/", StringComparison.Ordinal)
            && !page.Prose.Any(line => line.Text.StartsWith("**Status.** ", StringComparison.Ordinal))
        select $"{page.Path}: a decision has a line that begins with **Status.**");

    private static bool Exists(MarkdownPage page, string target)
    {
        string[] parts = target.Split('#');
        string path = parts[0].Length == 0 ? page.Path : Resolve(page.Path, parts[0]);
        string file = Path.Combine(Repository.Root, path);
        return (File.Exists(file) || Directory.Exists(file))
            && (parts.Length == 1 || PageAt(path)?.Anchors.Contains(parts[1]) == true);
    }

    private static string Resolve(string page, string target)
    {
        string folder = Path.GetDirectoryName(Path.Combine(Repository.Root, page))!;
        return Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(folder, target)))
            .Replace(Path.DirectorySeparatorChar, '/');
    }

    private static bool IsElsewhere(string target) => target.StartsWith("https://", StringComparison.Ordinal);

    private static MarkdownPage? PageAt(string path) => Repository.Pages.FirstOrDefault(page => page.Path == path);
}
