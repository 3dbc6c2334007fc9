using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Requant.Generator.Diagnostics;
using Requant.Generator.Ir;
using Requant.Generator.Lower;
using Requant.Generator.Read;
using Requant.Generator.Support;

namespace Requant.Generator;

/// <summary>A rule if the method is one, and what is wrong otherwise.</summary>
internal sealed record ReadRule(RuleModel? Rule, EquatableArray<DiagnosticInfo> Diagnostics);

/// <summary>Turns one annotated method into a <see cref="RuleModel"/>: reads the declaration, then
/// lowers the body.</summary>
internal static class RuleReader
{
    public static ReadRule Read(GeneratorAttributeSyntaxContext context, CancellationToken cancellation) =>
        RuleCache.GetOrRead(
            context.TargetNode, context.SemanticModel.Compilation, helpers => Read(context, helpers, cancellation));

    private static ReadRule Read(
        GeneratorAttributeSyntaxContext context, HashSet<SyntaxTree> helpers, CancellationToken cancellation)
    {
        var diagnostics = new List<DiagnosticInfo>();
        RuleModel? rule = null;
        try
        {
            if (ProjectCheck.Find(context) is { } found)
            {
                return new ReadRule(null, new[] { found }.ToEquatableArray());
            }

            if (CompilerErrors.In(context.TargetNode, context.SemanticModel, cancellation))
            {
                return new ReadRule(null, default);
            }

            rule = Read(context, helpers, diagnostics, cancellation);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            diagnostics.Add(
                DiagnosticInfo.Create(Catalog.Internal, context.TargetSymbol.Locations[0], context.TargetSymbol.Name,
                    $"{exception.GetType().Name}: {exception.Message}"));
        }

        return new ReadRule(
            diagnostics.Any(found => found.IsError) ? null : rule, diagnostics.Distinct().ToEquatableArray());
    }

    private static RuleModel? Read(
        GeneratorAttributeSyntaxContext context, HashSet<SyntaxTree> helpers, List<DiagnosticInfo> diagnostics,
        CancellationToken cancellation)
    {
        ISymbol symbol = context.TargetSymbol;
        if (symbol is not IMethodSymbol method || context.TargetNode is not MethodDeclarationSyntax syntax)
        {
            diagnostics.Add(DiagnosticInfo.Create(
                Catalog.NotStatic, symbol.Locations[0], symbol.Name, "declare it as such a method"));
            return null;
        }

        if (DeclarationReader.Read(context, method, syntax, diagnostics) is not (var declaration, var signature))
        {
            return null;
        }

        KernelIr? body =
            new BodyLowering(
                signature, new RuleLines(syntax, declaration.Source), context.SemanticModel, helpers, diagnostics,
                cancellation).Lower(syntax);
        return body is null ? null : new RuleModel(declaration, body);
    }
}
