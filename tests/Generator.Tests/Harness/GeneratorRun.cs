using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis;
using Requant.Generator.Emit.Shared;
using Requant.Generator.Lower;
using Requant.Generator.Support;
using Xunit;

namespace Requant.Generator.Tests.Harness;

/// <summary>One run of the generator over some sources, and what the compiler makes of the result.</summary>
internal sealed partial class GeneratorRun
{
    public const string FileName = "Rule.cs";

    /// <summary>What a project with implicit usings adds.</summary>
    private static readonly (string Path, string Text) ImplicitUsings = ("Usings.cs", "global using System;");

    private static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.Latest, DocumentationMode.Diagnose);

    /// <summary>The running runtime's own assemblies and this project's: nothing is restored to run a test.</summary>
    private static readonly ImmutableArray<MetadataReference> References =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path))];

    /// <summary>Compilations that are made of one share what its references were bound to.</summary>
    private static readonly CSharpCompilation Empty = Bound(
        CSharpCompilation.Create("Rules", references: References, options: new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable,
            warningLevel: 9999, allowUnsafe: false)));

    private GeneratorRun(GeneratorDriver driver, Compilation input, Compilation output)
    {
        Driver = driver;
        Input = input;
        Output = output;
        Result = driver.GetRunResult().Results.Single();
    }

    public GeneratorDriver Driver { get; }

    public Compilation Input { get; }

    public Compilation Output { get; }

    public GeneratorRunResult Result { get; }

    /// <summary>What the generator itself reported.</summary>
    public ImmutableArray<Diagnostic> Diagnostics => Result.Diagnostics;

    /// <summary>Errors and warnings of the compiler anywhere, but for missing documentation of a
    /// test's own rules.</summary>
    public ImmutableArray<Diagnostic> CompilerDiagnostics =>
        Relevant(Output.GetDiagnostics());

    public static GeneratorRun Of(string source, bool checkOverflow = false) => Of([source], checkOverflow);

    /// <summary>A run over sources of an older C#, or in a project without some assemblies.</summary>
    public static GeneratorRun Of(
        IEnumerable<(string Path, string Text)> sources, LanguageVersion language, params string[] withoutAssemblies)
    {
        CSharpParseOptions options = ParseOptions.WithLanguageVersion(language);
        CSharpCompilation compilation = Empty.WithOptions(
            Empty.Options.WithNullableContextOptions(NullableContextOptions.Disable))
            .RemoveReferences(Empty.References.Where(
                one => withoutAssemblies.Contains(Path.GetFileNameWithoutExtension(one.Display))))
            .AddSyntaxTrees(sources.Select(source => CSharpSyntaxTree.ParseText(source.Text, options, source.Path)));
        return Run(NewDriver(options), compilation);
    }

    public static GeneratorRun Of(string[] sources, bool checkOverflow = false) =>
        Of(sources.Select((text, index) => (index == 0 ? FileName : $"File{index}.cs", text)), checkOverflow);

    public static GeneratorRun Of(IEnumerable<(string Path, string Text)> sources, bool checkOverflow = false)
    {
        // Each parsed once: a compilation looks through what it is given more than once.
        SyntaxTree[] trees = [.. sources.Append(ImplicitUsings).Select(source => Parse(source.Text, source.Path))];
        CSharpCompilation compilation = Empty.WithOptions(Empty.Options.WithOverflowChecks(checkOverflow))
            .AddSyntaxTrees(trees);
        return Run(NewDriver(ParseOptions), compilation);
    }

    /// <summary>Compiles sources without the generator.</summary>
    public static byte[] EmitAlone(IEnumerable<(string Path, string Text)> sources)
    {
        using var memory = new MemoryStream();
        EmitResult emitted = Empty.WithOptions(Empty.Options.WithOptimizationLevel(OptimizationLevel.Release))
            .AddSyntaxTrees(sources.Append(ImplicitUsings).Select(source => Parse(source.Text, source.Path)))
            .Emit(memory);
        Assert.Empty(emitted.Diagnostics.Where(found => found.Severity == DiagnosticSeverity.Error));
        return memory.ToArray();
    }

    /// <summary>The same driver, so with its caches, over a changed compilation.</summary>
    public GeneratorRun Again(Func<Compilation, Compilation> change) => Run(Driver, change(Input));

    public GeneratorRun WithFile(string text) => Again(input => input.AddSyntaxTrees(Parse(text, "Unrelated.cs")));

    public GeneratorRun WithEdit(string path, Func<string, string> change) => Again(input =>
    {
        SyntaxTree tree = input.SyntaxTrees.Single(candidate => candidate.FilePath == path);
        return input.ReplaceSyntaxTree(tree, Parse(change(tree.ToString()), path));
    });

    /// <summary>Text of a rule's generated file of one kind: Rule, Scalar, Simd or Ilgpu.</summary>
    /// <param name="name">As in <c>MyRules.Lion.Simd</c>.</param>
    public string File(string name) => Result.GeneratedSources
        .Single(file => HashInHintName().Replace(file.HintName, ".") == name + ".g.cs").SourceText.ToString();

    /// <summary>The models that the generator made of the rules, in order of the sources.</summary>
    public IEnumerable<RuleModel> Models => Result.TrackedSteps.TryGetValue(TrackingNames.Rules, out var steps)
        ? steps.SelectMany(step => step.Outputs).Select(output => (RuleModel)output.Value)
        : [];

    /// <summary>Nothing but what the generator warns of in the rule itself.</summary>
    public void AssertClean() => AssertClean(Output.GetDiagnostics());

    /// <summary>The compiled assembly, which must be as clean.</summary>
    public byte[] Emit()
    {
        using var memory = new MemoryStream();
        EmitResult emitted = Output.Emit(memory);
        AssertClean(emitted.Diagnostics);
        Assert.True(emitted.Success);
        return memory.ToArray();
    }

    private void AssertClean(ImmutableArray<Diagnostic> ofCompiler)
    {
        Assert.Null(Result.Exception);
        Assert.DoesNotContain(Diagnostics, found => found.Severity == DiagnosticSeverity.Error);
        Assert.Empty(Relevant(ofCompiler));
    }

    private ImmutableArray<Diagnostic> Relevant(ImmutableArray<Diagnostic> ofCompiler) =>
        [.. ofCompiler.Where(found => found.Severity >= DiagnosticSeverity.Warning && !IsMissingDocumentation(found))];

    private bool IsMissingDocumentation(Diagnostic found) =>
        found.Id == "CS1591" && Input.SyntaxTrees.Contains(found.Location.SourceTree);

    private static CSharpGeneratorDriver NewDriver(CSharpParseOptions options) => CSharpGeneratorDriver.Create(
        [new OptimizerRuleGenerator().AsSourceGenerator()], parseOptions: options,
        driverOptions: new GeneratorDriverOptions(
            IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    private static GeneratorRun Run(GeneratorDriver driver, Compilation compilation)
    {
        driver = driver.RunGeneratorsAndUpdateCompilation(
            compilation, out Compilation output, out _, CancellationToken.None);
        return new GeneratorRun(driver, compilation, output);
    }

    private static CSharpCompilation Bound(CSharpCompilation compilation)
    {
        _ = compilation.GetSpecialType(SpecialType.System_Object);
        return compilation;
    }

    private static SyntaxTree Parse(string text, string path) => CSharpSyntaxTree.ParseText(text, ParseOptions, path);

    [GeneratedRegex(@"\.[0-9a-f]{16}\.", RegexOptions.CultureInvariant)]
    private static partial Regex HashInHintName();
}
