using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Requant.Generator.Diagnostics;
using Requant.Generator.Support;

namespace Requant.Generator.Read;

/// <summary>Reads the declaration of one annotated method.</summary>
internal static class DeclarationReader
{
    private const int MinBlockSize = 16;
    private const int MaxBlockSize = 4096;
    private const int DefaultBlockSize = 256;

    /// <summary>What a generated type may not hide from rules, nor from itself.</summary>
    private static readonly string[] NamesOfRules = 
        ["Kernels", "Math", "MathF", "Matrix", "Reduce", "RequantKernels", "Shape", "State"];

    /// <summary>The declaration, and its parameters with their symbols.</summary>
    /// <returns>Null where diagnostics say why not.</returns>
    public static (RuleDeclaration Declaration, RuleSignature Signature)? Read(
        GeneratorAttributeSyntaxContext context, IMethodSymbol method, MethodDeclarationSyntax syntax,
        List<DiagnosticInfo> diagnostics)
    {
        AttributeData attribute = context.Attributes[0];
        string typeName = Named(attribute, "Name")?.Value as string ?? method.Name;
        CheckDeclaration(method, syntax, typeName, context.SemanticModel.Compilation, diagnostics);
        CheckBlockSize(method, attribute, diagnostics);
        RuleSignature? signature = new SignatureParser(method, typeName, diagnostics).Parse();
        if (signature is null || diagnostics.Count > 0)
        {
            return null;
        }

        int blockSize = Named(attribute, "BlockSize")?.Value as int? ?? DefaultBlockSize;
        RuleDeclaration declaration = Declare(method, typeName, signature, blockSize, RuleText.WithoutComments(syntax));
        TorchDeclaration? torch = TorchReader.Read(
            context.SemanticModel.Compilation, method, declaration, declaration.Namespace, diagnostics);
        return (declaration with { Torch = torch }, signature);
    }

    /// <summary>The declaration of a rule whose parameters have been read.</summary>
    public static RuleDeclaration Declare(
        IMethodSymbol method, string typeName, RuleSignature signature, int blockSize, string source) => new(
        typeName,
        method.ContainingNamespace.IsGlobalNamespace ? "" : method.ContainingNamespace.ToDisplayString(),
        $"{method.ContainingType.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)}."
        + $"{Names.Escape(method.Name)}",
        blockSize,
        source,
        signature.Element.Name,
        signature.Gradient.Name,
        signature.States.Select(state => state.Model).ToEquatableArray(),
        signature.TensorStates.Select(state => state.Model).ToEquatableArray(),
        signature.LineStates.Select(state => state.Model).ToEquatableArray(),
        signature.Hyperparameters.Select(hyperparameter => hyperparameter.Model).ToEquatableArray());

    /// <summary>Name of the record that a rule becomes.</summary>
    public static string TypeNameOf(IMethodSymbol method) => GeneratedName(method) ?? method.Name;

    private static void CheckBlockSize(IMethodSymbol method, AttributeData attribute, List<DiagnosticInfo> diagnostics)
    {
        if (Named(attribute, "BlockSize")?.Value is int size
            && (size is < MinBlockSize or > MaxBlockSize || size % MinBlockSize != 0))
        {
            Location place = AttributeText.Argument(attribute, "BlockSize")?.GetLocation() ?? method.Locations[0];
            diagnostics.Add(DiagnosticInfo.Create(Catalog.BlockSize, place, Literals.Int(size), method.Name));
        }
    }

    private static void CheckDeclaration(
        IMethodSymbol method, MethodDeclarationSyntax syntax, string typeName, Compilation compilation,
        List<DiagnosticInfo> diagnostics)
    {
        Location name = syntax.Identifier.GetLocation();
        void Report(DiagnosticDescriptor descriptor, Location location, params string[] arguments) =>
            diagnostics.Add(DiagnosticInfo.Create(descriptor, location, arguments));

        if (!method.IsStatic || method.IsGenericMethod)
        {
            Report(
                Catalog.NotStatic, name, method.Name,
                method.IsStatic ? "remove the method's type parameters" : "add 'static' to the method");
        }
        else if (ContainingTypes(method).Any(type => type.IsGenericType) || !method.ContainingType.IsStatic)
        {
            Report(
                Catalog.NotStatic, name, method.Name,
                $"make '{method.ContainingType.ToDisplayString()}' such a class, or move the method to one");
        }

        if (!method.ReturnsVoid)
        {
            Report(Catalog.NotVoid, syntax.ReturnType.GetLocation(), method.Name, method.ReturnType.ToDisplayString());
        }

        if (method.IsExtern || method.IsPartialDefinition || method.PartialDefinitionPart is not null
            || (syntax.Body is null && syntax.ExpressionBody is null))
        {
            Report(Catalog.NoBody, name, method.Name);
        }

        if (!SyntaxFacts.IsValidIdentifier(typeName) || SyntaxFacts.GetKeywordKind(typeName) != SyntaxKind.None
            || SyntaxFacts.GetContextualKeywordKind(typeName) != SyntaxKind.None || NamesOfRules.Contains(typeName))
        {
            Report(Catalog.BadName, name, typeName);
        }
        else if (NameInTheWay(method, typeName, compilation) is { } taken)
        {
            Report(Catalog.TypeClash, name, method.Name, typeName, taken);
        }
    }

    /// <summary>Name of the type or namespace that leaves no place for the generated one. A partial record is the
    /// user's own addition to it.</summary>
    private static string? NameInTheWay(IMethodSymbol method, string typeName, Compilation compilation)
    {
        // Also a namespace of a reference: the type would hide it.
        if (compilation.GetCompilationNamespace(method.ContainingNamespace)?.GetNamespaceMembers()
            .FirstOrDefault(inner => inner.Name == typeName) is { } space)
        {
            return $"namespace {space.ToDisplayString()}";
        }

        INamedTypeSymbol? type = method.ContainingNamespace.GetTypeMembers(typeName, 0).FirstOrDefault(candidate =>
            SymbolEqualityComparer.Default.Equals(candidate.ContainingAssembly, method.ContainingAssembly)
            && !IsPartialRecord(candidate));
        return type?.Name ?? method.ContainingNamespace.GetTypeMembers()
            .SelectMany(candidate => candidate.GetMembers().OfType<IMethodSymbol>())
            .Where(other => string.CompareOrdinal(Position(other), Position(method)) < 0
                && !SymbolEqualityComparer.Default.Equals(
                    other.PartialImplementationPart ?? other, method.PartialImplementationPart ?? method))
            .Select(GeneratedName)
            .FirstOrDefault(name => name == typeName);
    }

    /// <summary>Whether a type is the user's part of a generated record.</summary>
    public static bool IsPartialRecord(INamedTypeSymbol type) =>
        type is { IsRecord: true, TypeKind: TypeKind.Class, DeclaringSyntaxReferences.Length: > 0 }
        && type.DeclaringSyntaxReferences.All(reference =>
            reference.GetSyntax() is RecordDeclarationSyntax record && record.Modifiers.Any(SyntaxKind.PartialKeyword));

    private static string? GeneratedName(IMethodSymbol method)
    {
        AttributeData? attribute = method.GetAttributes().FirstOrDefault(data =>
            data.AttributeClass is { Name: "OptimizerRuleAttribute" } type
            && type.ContainingNamespace.ToDisplayString() == "Requant");
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
