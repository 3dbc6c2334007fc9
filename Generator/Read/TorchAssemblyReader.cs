using Microsoft.CodeAnalysis;
using Requant.Generator.Diagnostics;
using Requant.Generator.Support;

namespace Requant.Generator.Read;

/// <summary>Finds the rules of a referenced assembly, for their TorchSharp optimizers.</summary>
internal static class TorchAssemblyReader
{
    public const string AssemblyAttribute = "Requant.TorchOptimizersOfAttribute";

    private const string RuleAttribute = "Requant.OptimizerRuleAttribute";

    public static EquatableArray<RuleDeclaration> Read(
        GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        var rules = new List<RuleDeclaration>();
        foreach (AttributeData attribute in context.Attributes)
        {
            if (attribute.ConstructorArguments.Length == 2
                && attribute.ConstructorArguments[0].Value is INamedTypeSymbol type
                && attribute.ConstructorArguments[1].Value is string space)
            {
                rules.AddRange(RulesOf(type.ContainingAssembly.GlobalNamespace, cancellation)
                    .Select(rule => Read(context.SemanticModel.Compilation, rule, space)).OfType<RuleDeclaration>());
            }
        }

        return rules.OrderBy(rule => rule.TypeName, StringComparer.Ordinal).ToEquatableArray();
    }

    private static IEnumerable<IMethodSymbol> RulesOf(INamespaceOrTypeSymbol container, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return container.GetMembers().SelectMany(member => member switch
        {
            INamespaceOrTypeSymbol inner => RulesOf(inner, cancellation),
            IMethodSymbol method when IsRule(method) => [method],
            _ => [],
        });
    }

    private static bool IsRule(IMethodSymbol method) =>
        method.GetAttributes().Any(attribute => attribute.AttributeClass?.ToDisplayString() == RuleAttribute);

    /// <summary>The compiler of that assembly has checked it.</summary>
    private static RuleDeclaration? Read(Compilation compilation, IMethodSymbol method, string space)
    {
        var problems = new List<DiagnosticInfo>();
        string typeName = DeclarationReader.TypeNameOf(method);
        INamedTypeSymbol? record = method.ContainingNamespace.GetTypeMembers(typeName, 0).FirstOrDefault();
        if (record is null || new SignatureParser(method, typeName, problems).Parse() is not { } signature)
        {
            return null;
        }

        RuleDeclaration rule = DeclarationReader.Declare(method, typeName, signature, blockSize: 0, source: "");
        rule = rule with
        {
            Hyperparameters = rule.Hyperparameters
                .Select(one => one with { Description = Documentation.OfProperty(record, one.PropertyName) })
                .ToEquatableArray(),
        };
        return TorchReader.Read(compilation, method, rule, space, problems) is { } torch
            ? rule with { Torch = torch }
            : null;
    }
}
