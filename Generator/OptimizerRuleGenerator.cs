using System.Text;
using Microsoft.CodeAnalysis.Text;
using Microsoft.CodeAnalysis;
using Requant.Generator.Diagnostics;
using Requant.Generator.Emit.Shared;
using Requant.Generator.Emit.Torch;
using Requant.Generator.Emit;
using Requant.Generator.Read;
using Requant.Generator.Support;

namespace Requant.Generator;

/// <summary>Turns every method marked <c>[OptimizerRule]</c> into an optimizer: Read, Lower, Plan, Emit.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class OptimizerRuleGenerator : IIncrementalGenerator
{
    private const string RuleAttribute = "Requant.OptimizerRuleAttribute";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<ReadRule> lowered = context.SyntaxProvider
            .ForAttributeWithMetadataName(RuleAttribute, static (_, _) => true, RuleReader.Read)
            .WithTrackingName(TrackingNames.Lowered);

        IncrementalValuesProvider<DiagnosticInfo> diagnostics = lowered
            .SelectMany(static (read, _) => read.Diagnostics)
            .WithTrackingName(TrackingNames.Diagnostics);
        Report(context, diagnostics.Where(static found => !found.IsOfProject));
        Report(context, diagnostics.Where(static found => found.IsOfProject).Collect()
            .SelectMany(static (found, _) => DiagnosticInfo.FirstOfEach(found)));

        IncrementalValuesProvider<EmittedRule> sources = lowered
            .Where(static read => read.Rule is not null)
            .Select(static (read, _) => read.Rule!)
            .WithTrackingName(TrackingNames.Rules)
            .Select(static (rule, _) => EmittedRule.From(rule))
            .WithTrackingName(TrackingNames.Sources);
        context.RegisterSourceOutput(sources, static (output, emitted) => Add(output, emitted));

        IncrementalValuesProvider<RuleDeclaration> compiled = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                TorchAssemblyReader.AssemblyAttribute, static (_, _) => true, TorchAssemblyReader.Read)
            .SelectMany(static (rules, _) => rules)
            .WithTrackingName(TrackingNames.CompiledRules);
        context.RegisterSourceOutput(
            compiled, static (output, rule) => Add(output, TorchEmitter.Emit(rule, rule.Torch!)));
    }

    private static void Report(
        IncrementalGeneratorInitializationContext context, IncrementalValuesProvider<DiagnosticInfo> diagnostics) =>
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
            Add(output, file);
        }
    }

    private static void Add(SourceProductionContext output, SourceFile file) =>
        output.AddSource(file.HintName, SourceText.From(file.Text, Encoding.UTF8));
}
