using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Requant.Bench.Generator;

/// <summary>Reads the rules through the compiler as any generator would, and writes nothing of use: what remains of the
/// first run's time after this one is Requant's.</summary>
internal sealed class ReadingGenerator : IIncrementalGenerator
{
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<string> read = context.SyntaxProvider
            .ForAttributeWithMetadataName("Requant.OptimizerRuleAttribute", static (_, _) => true, Read)
            .Where(static text => text.Length > 0)
            .Select(static (text, _) => text)
            .WithTrackingName("Read");
        context.RegisterSourceOutput(
            read.SelectMany(static (text, _) => new[] { text }).Combine(context.CompilationProvider),
            static (output, pair) => output.AddSource(pair.Left + ".g.cs", "// " + pair.Right.AssemblyName));
    }

    private static string Read(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        int errors = context.SemanticModel.GetDiagnostics(context.TargetNode.Span, cancellation).Length;
        int operations = context.SemanticModel.GetOperation(context.TargetNode, cancellation)!.Descendants()
            .Count(static operation => operation.Kind != OperationKind.None);
        int attributes =
            ((IMethodSymbol)context.TargetSymbol).Parameters.Sum(static parameter => parameter.GetAttributes().Length);
        return $"{context.TargetSymbol.Name}{errors}{operations}{attributes}";
    }
}
