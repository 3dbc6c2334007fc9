using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using Requant.Generator.Support;

namespace Requant.Generator.Diagnostics;

/// <summary>A diagnostic without the compilation's objects, so that it can be cached and compared.</summary>
internal sealed record DiagnosticInfo(string Id, LocationInfo Location, EquatableArray<string> Arguments)
{
    public static DiagnosticInfo Create(DiagnosticDescriptor descriptor, Location location, params string[] arguments) =>
        new(descriptor.Id, LocationInfo.From(location), arguments.ToEquatableArray());

    /// <summary>Whether there can be no code: a warning leaves the rule as it is.</summary>
    public bool IsError => Catalog.ById[Id].DefaultSeverity == DiagnosticSeverity.Error;

    public Diagnostic ToDiagnostic() =>
        Diagnostic.Create(Catalog.ById[Id], Location.ToLocation(), [.. Arguments]);
}

/// <summary>A span of a file.</summary>
internal sealed record LocationInfo(string FilePath, TextSpan Span, LinePositionSpan Lines)
{
    public static LocationInfo From(Location location) =>
        new(location.SourceTree?.FilePath ?? "", location.SourceSpan, location.GetLineSpan().Span);

    public Location ToLocation() => Location.Create(FilePath, Span, Lines);
}
