using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Requant.Generator.Diagnostics;
using Requant.Generator.Ir;
using Requant.Generator.Lower;
using Requant.Generator.Support;

namespace Requant.Generator.Parse;

/// <summary>A rule if the method is one, and what is wrong otherwise.</summary>
internal sealed record ParsedRule(RuleModel? Rule, EquatableArray<DiagnosticInfo> Diagnostics);

/// <summary>Turns one annotated method into a <see cref="RuleModel"/>.</summary>
internal static class RuleParser
{
    public static ParsedRule Parse(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        var diagnostics = new List<DiagnosticInfo>();
        var method = (IMethodSymbol)context.TargetSymbol;
        var syntax = (MethodDeclarationSyntax)context.TargetNode;
        RuleModel? rule = null;
        try
        {
            rule = Parse(context, method, syntax, diagnostics, cancellation);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            diagnostics.Add(DiagnosticInfo.Create(Catalog.Internal, syntax.Identifier.GetLocation(), method.Name,
                $"{exception.GetType().Name}: {exception.Message}"));
        }

        return new ParsedRule(diagnostics.Count == 0 ? rule : null, diagnostics.Distinct().ToEquatableArray());
    }

    private static RuleModel? Parse(
        GeneratorAttributeSyntaxContext context, IMethodSymbol method, MethodDeclarationSyntax syntax,
        List<DiagnosticInfo> diagnostics, CancellationToken cancellation)
    {
        AttributeData attribute = context.Attributes[0];
        string typeName = Named(attribute, "Name")?.Value as string ?? method.Name;
        CheckDeclaration(method, syntax, typeName, context.SemanticModel.Compilation, diagnostics);
        RuleSignature? signature = new SignatureParser(method, typeName, diagnostics).Parse();
        if (signature is null || diagnostics.Count > 0)
        {
            return null;
        }

        // What the C# compiler rejects, it reports itself, and better.
        if (context.SemanticModel.GetMethodBodyDiagnostics(syntax.Span, cancellation).Any(found => found.Severity == DiagnosticSeverity.Error))
        {
            return null;
        }

        KernelIr? body = new BodyLowering(signature, context.SemanticModel, diagnostics, cancellation).Lower(syntax);
        return body is null ? null : new RuleModel(
            typeName,
            method.ContainingNamespace.IsGlobalNamespace ? "" : method.ContainingNamespace.ToDisplayString(),
            $"{method.ContainingType.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)}.{method.Name}",
            Named(attribute, "Precision")?.Value is 1,
            RuleText.WithoutComments(syntax),
            signature.Element.Name,
            signature.Gradient.Name,
            signature.States.Select(state => state.Model).ToEquatableArray(),
            signature.Hyperparameters.Select(hyperparameter => hyperparameter.Model).ToEquatableArray(),
            body);
    }

    private static void CheckDeclaration(
        IMethodSymbol method, MethodDeclarationSyntax syntax, string typeName, Compilation compilation, List<DiagnosticInfo> diagnostics)
    {
        Location name = syntax.Identifier.GetLocation();
        void Report(DiagnosticDescriptor descriptor, Location location, params string[] arguments) =>
            diagnostics.Add(DiagnosticInfo.Create(descriptor, location, arguments));

        if (!method.IsStatic || method.IsGenericMethod)
        {
            Report(Catalog.NotStatic, name, method.Name, method.IsStatic ? "remove the method's type parameters" : "add 'static' to the method");
        }
        else if (ContainingTypes(method).Any(type => type.IsGenericType) || !method.ContainingType.IsStatic)
        {
            Report(Catalog.NotStatic, name, method.Name, $"move it out of '{method.ContainingType.ToDisplayString()}'");
        }

        if (!method.ReturnsVoid)
        {
            Report(Catalog.NotVoid, syntax.ReturnType.GetLocation(), method.Name, method.ReturnType.ToDisplayString());
        }

        if (method.IsAsync || method.IsExtern || method.IsPartialDefinition || method.PartialDefinitionPart is not null
            || (syntax.Body is null && syntax.ExpressionBody is null))
        {
            Report(Catalog.NoBody, name, method.Name);
        }

        if (!SyntaxFacts.IsValidIdentifier(typeName) || SyntaxFacts.GetKeywordKind(typeName) != SyntaxKind.None)
        {
            Report(Catalog.BadName, name, typeName);
        }
        else if (IsTaken(method, typeName))
        {
            Report(Catalog.TypeClash, name, method.Name, typeName);
        }
    }

    /// <summary>A partial record of the name is the user's own addition to the generated type.</summary>
    private static bool IsTaken(IMethodSymbol method, string typeName) =>
        method.ContainingNamespace.GetTypeMembers(typeName, 0).Any(type =>
            SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, method.ContainingAssembly)
            && !(type.IsRecord && type.DeclaringSyntaxReferences.All(reference =>
                reference.GetSyntax() is RecordDeclarationSyntax record && record.Modifiers.Any(SyntaxKind.PartialKeyword))))
        || method.ContainingNamespace.GetTypeMembers().SelectMany(type => type.GetMembers().OfType<IMethodSymbol>())
            .Any(other => !SymbolEqualityComparer.Default.Equals(other, method) && GeneratedName(other) == typeName
                && string.CompareOrdinal(Position(other), Position(method)) < 0);

    private static string? GeneratedName(IMethodSymbol method)
    {
        AttributeData? attribute = method.GetAttributes().FirstOrDefault(data =>
            data.AttributeClass is { Name: "OptimizerRuleAttribute" } type && type.ContainingNamespace.ToDisplayString() == "Requant");
        return attribute is null ? null : Named(attribute, "Name")?.Value as string ?? method.Name;
    }

    /// <summary>Orders two rules of one name, so that only the later one is reported.</summary>
    private static string Position(IMethodSymbol method) =>
        $"{method.Locations[0].SourceTree?.FilePath}:{method.Locations[0].SourceSpan.Start:D10}";

    private static IEnumerable<INamedTypeSymbol> ContainingTypes(IMethodSymbol method)
    {
        for (INamedTypeSymbol? type = method.ContainingType; type is not null; type = type.ContainingType)
        {
            yield return type;
        }
    }

    private static TypedConstant? Named(AttributeData attribute, string key)
    {
        foreach (KeyValuePair<string, TypedConstant> argument in attribute.NamedArguments)
        {
            if (argument.Key == key)
            {
                return argument.Value;
            }
        }

        return null;
    }
}
