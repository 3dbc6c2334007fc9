using Requant.Generator.Diagnostics;

namespace Requant.Generator.Lower;

/// <summary>Leaves the statement in which something unsupported was found; its diagnostic has been recorded.</summary>
internal sealed class LoweringException(DiagnosticInfo diagnostic) : Exception(diagnostic.Id)
{
    public DiagnosticInfo Diagnostic { get; } = diagnostic;
}
