using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using Requant.Generator.Support;

namespace Requant.Generator.Diagnostics;

/// <summary>A diagnostic without the compilation's objects, so that it can be cached and compared.</summary>
internal sealed record DiagnosticInfo(string Id, LocationInfo Location, EquatableArray<string> Arguments)
{
    public static DiagnosticInfo Create(
        DiagnosticDescriptor descriptor, Location location, params string[] arguments) =>
        new(descriptor.Id, LocationInfo.From(location), arguments.ToEquatableArray());

    /// <summary>Whether there can be no code: a warning leaves the rule as it is.</summary>
    public bool IsError => Catalog.ById[Id].DefaultSeverity == DiagnosticSeverity.Error;

    /// <summary>Whether it says the same at every rule of a project.</summary>
    public bool IsOfProject => Catalog.OfProject.Contains(Id);

    /// <summary>The first place of each diagnostic.</summary>
    public static IEnumerable<DiagnosticInfo> FirstOfEach(IEnumerable<DiagnosticInfo> found) => found
        .OrderBy(one => one.Location.FilePath, StringComparer.Ordinal).ThenBy(one => one.Location.Span.Start)
        .GroupBy(one => one.Id, StringComparer.Ordinal)
        .Select(group => group.First());

    public Diagnostic ToDiagnostic(Compilation compilation) =>
        Diagnostic.Create(Catalog.ById[Id], Location.ToLocation(compilation), [.. Arguments]);
}

/// <summary>A span of a file.</summary>
internal sealed record LocationInfo(string FilePath, TextSpan Span, LinePositionSpan Lines)
{
    public static LocationInfo From(Location location) =>
        new(location.SourceTree?.FilePath ?? "", location.SourceSpan, location.GetLineSpan().Span);

    /// <summary>The place in the compilation's own file, which <c>#pragma warning disable</c> works on.</summary>
    public Location ToLocation(Compilation compilation) =>
        compilation.SyntaxTrees.FirstOrDefault(tree => tree.FilePath == FilePath && tree.Length >= Span.End) is { } tree
            ? Location.Create(tree, Span)
            : Location.Create(FilePath, Span, Lines);
}
