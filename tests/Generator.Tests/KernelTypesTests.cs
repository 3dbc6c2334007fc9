using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis;
using Requant.Generator.Emit.Shared;
using Requant.Generator.Support;
using Requant.Generator.Tests.Harness;
using Xunit;

namespace Requant.Generator.Tests;

/// <summary>Types that generated code names without a namespace are known to the generator, which makes
/// aliases for them.</summary>
public sealed class KernelTypesTests
{
    /// <summary>A change of what generated code uses has a number of its own, on both sides.</summary>
    [Fact]
    public void Contract_OfGeneratedCode_IsTheRuntimes() =>
        Assert.Equal(Requant.CompilerServices.GeneratedCode.Contract, FileText.Contract);

    [Fact]
    public void GeneratedCode_UnqualifiedTypes_AreListed()
    {
        Compilation output = RuleFiles.Run.Output;
        IEnumerable<string> used =
            from tree in RuleFiles.Run.Result.GeneratedSources.Select(file => file.SyntaxTree)
            let model = output.GetSemanticModel(tree)
            from name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>()
            where name.Parent is not (QualifiedNameSyntax or AliasQualifiedNameSyntax)
                && !(name.Parent is MemberAccessExpressionSyntax access && access.Name == name)
            let symbol = model.GetSymbolInfo(name).Symbol
                is IMethodSymbol { MethodKind: MethodKind.Constructor } constructor
                ? constructor.ContainingType
                : model.GetSymbolInfo(name).Symbol
            where symbol is INamedTypeSymbol
                && !SymbolEqualityComparer.Default.Equals(symbol.ContainingAssembly, output.Assembly)
                && !name.IsVar && !name.IsNint && !name.IsNuint
            select name.Identifier.Text;

        Assert.Subset(KernelTypes.SimpleNames.ToHashSet(), used.ToHashSet());
    }

    /// <summary>A using of a namespace that files of kernels share with the project's would bring
    /// its names in.</summary>
    [Fact]
    public void GeneratedUsings_AreWithinTheNamespaceAndGlobal() => Assert.All(
        RuleFiles.Run.Result.GeneratedSources.SelectMany(
            file => file.SyntaxTree.GetRoot(TestContext.Current.CancellationToken)
                .DescendantNodes().OfType<UsingDirectiveSyntax>()),
        directive =>
        {
            Assert.IsType<NamespaceDeclarationSyntax>(directive.Parent);
            Assert.StartsWith("global::", directive.NamespaceOrType.ToString(), StringComparison.Ordinal);
        });

    [Fact]
    public void ListedTypes_AllExist() => Assert.All(
        KernelTypes.FullNames, name => Assert.NotNull(RuleFiles.Run.Output.GetTypeByMetadataName(name)));
}
