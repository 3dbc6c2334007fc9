using System.Reflection;
using Requant.Cli.Rules;

namespace Requant.Cli.Diagnostics;

/// <summary>The page of one diagnostic, as docs/diagnostics has it; the pages are embedded in this assembly.</summary>
/// <param name="Id">As in REQ1005.</param>
/// <param name="Text">Markdown.</param>
internal sealed record DiagnosticPage(string Id, string Text)
{
    private const string Prefix = "REQ";
    private const string Extension = ".md";

    private static readonly Assembly Pages = typeof(DiagnosticPage).Assembly;

    /// <summary>All pages, ordered by id.</summary>
    public static IReadOnlyList<DiagnosticPage> All { get; } =
    [
        .. Pages.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)
                && name.EndsWith(Extension, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => new DiagnosticPage(name[..^Extension.Length], Read(name))),
    ];

    /// <summary>Address of the page, or null where the build names no repository.</summary>
    public string? Address => Repository is null ? null : $"{Repository}/blob/main/docs/diagnostics/{Id}{Extension}";

    /// <summary>What the heading says behind the id.</summary>
    public string Title => Text[(Text.IndexOf(": ", StringComparison.Ordinal) + 2)..Text.IndexOf('\n')];

    private static string? Repository { get; } = Pages.GetCustomAttributes<AssemblyMetadataAttribute>()
        .SingleOrDefault(data => data.Key == "RepositoryUrl")?.Value;

    /// <summary>The page of an id, in any case, with or without <c>REQ</c>.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public static DiagnosticPage Find(string id)
    {
        string full = id.Length > 0 && id.All(char.IsAsciiDigit) ? Prefix + id : id;
        return All.FirstOrDefault(page => page.Id.Equals(full, StringComparison.OrdinalIgnoreCase))
            ?? throw new CommandException(
                $"There is no diagnostic '{id}'.{Suggestion.For(full, All.Select(page => page.Id))} "
                + "'requant explain' lists them all.");
    }

    /// <summary>The address of what a page links to, or null where the build names no repository.</summary>
    /// <param name="link">Relative to the folder of pages, or absolute.</param>
    public static string? Resolve(string link) =>
        Uri.IsWellFormedUriString(link, UriKind.Absolute) ? link
        : Repository is null ? null
        : new Uri(new Uri($"{Repository}/blob/main/docs/diagnostics/"), link).AbsoluteUri;

    private static string Read(string name)
    {
        using var reader = new StreamReader(Pages.GetManifestResourceStream(name)!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
