using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using Requant.Generator.Analyze;
using Requant.Generator.Diagnostics;
using Requant.Generator.Emit;
using Requant.Generator.Parse;
using Requant.Generator.Support;

namespace Requant.Generator;

/// <summary>Turns every method marked <c>[OptimizerRule]</c> into an optimizer: Parse, Lower, Analyze, Emit.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class OptimizerRuleGenerator : IIncrementalGenerator
{
    private const string RuleAttribute = "Requant.OptimizerRuleAttribute";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<ParsedRule> lowered = context.SyntaxProvider
            .ForAttributeWithMetadataName(RuleAttribute, static (_, _) => true, RuleParser.Parse)
            .WithTrackingName(TrackingNames.Lowered);

        IncrementalValuesProvider<DiagnosticInfo> diagnostics = lowered
            .SelectMany(static (parsed, _) => parsed.Diagnostics)
            .WithTrackingName(TrackingNames.Diagnostics);
        Report(context, diagnostics.Where(static found => !found.IsOfProject));
        Report(context, diagnostics.Where(static found => found.IsOfProject).Collect()
            .SelectMany(static (found, _) => DiagnosticInfo.FirstOfEach(found)));

        IncrementalValuesProvider<EmittedRule> sources = lowered
            .Where(static parsed => parsed.Rule is not null)
            .Select(static (parsed, _) => parsed.Rule!)
            .WithTrackingName(TrackingNames.Rules)
            .Select(static (rule, _) => EmittedRule.From(rule))
            .WithTrackingName(TrackingNames.Sources);
        context.RegisterSourceOutput(sources, static (output, emitted) => Add(output, emitted));
    }

    private static void Report(IncrementalGeneratorInitializationContext context, IncrementalValuesProvider<DiagnosticInfo> diagnostics) =>
        context.RegisterSourceOutput(
            diagnostics.Combine(context.CompilationProvider),
            static (output, pair) => output.ReportDiagnostic(pair.Left.ToDiagnostic(pair.Right)));

    private static void Add(SourceProductionContext output, EmittedRule emitted)
    {
        if (emitted.Fault is { } fault)
        {
            output.ReportDiagnostic(Diagnostic.Create(Catalog.Internal, Location.None, emitted.RuleName, fault));
        }

        foreach (SourceFile file in emitted.Files)
        {
            output.AddSource(file.HintName, SourceText.From(file.Text, Encoding.UTF8));
        }
    }
}
