using Microsoft.CodeAnalysis;

namespace Requant.Generator.Read;

/// <summary>What the C# compiler rejects, it reports itself, and better: nothing is read of such code.</summary>
internal static class CompilerErrors
{
    public static bool In(SyntaxNode node, SemanticModel model, CancellationToken cancellation) =>
        model.GetDiagnostics(node.Span, cancellation).Any(found => found.Severity == DiagnosticSeverity.Error);
}
