using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Requant.Generator.Diagnostics;

namespace Requant.Generator.Read;

/// <summary>What generated code needs of a project. Where it is missing, every line of every generated file would be an
/// error, so nothing is generated.</summary>
internal static class ProjectCheck
{
    /// <summary>The oldest C# with all that generated code is written in: collection expressions are the
    /// newest of it.</summary>
    private const LanguageVersion OldestLanguage = LanguageVersion.CSharp12;

    /// <summary>A type of each assembly that generated code uses, and the package that brings it.</summary>
    private static readonly (string Type, string Assembly, string Package)[] Needed =
        [("Requant.IOptimizerRule`1", "Requant.Runtime", "Requant"), ("ILGPU.IntrinsicMath", "ILGPU", "ILGPU")];

    /// <summary>What is missing, reported at the rule; the same for every rule of a project.</summary>
    public static DiagnosticInfo? Find(GeneratorAttributeSyntaxContext context)
    {
        Location place = context.TargetSymbol.Locations[0];
        if (context.TargetNode.SyntaxTree.Options
            is CSharpParseOptions { LanguageVersion: < OldestLanguage and var version })
        {
            return DiagnosticInfo.Create(
                Catalog.OldLanguage, place, version.ToDisplayString(), OldestLanguage.ToDisplayString());
        }

        foreach ((string type, string assembly, string package) in Needed)
        {
            if (context.SemanticModel.Compilation.GetTypeByMetadataName(type) is null)
            {
                return DiagnosticInfo.Create(Catalog.MissingReference, place, assembly, package);
            }
        }

        return null;
    }
}
