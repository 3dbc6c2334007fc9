using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Requant.Bench.Generator;

/// <summary>Runs the generator as a compiler and as an editor do.</summary>
internal sealed class GeneratorBenchmark
{
    private static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.Latest);

    private readonly ImmutableArray<MetadataReference> _references =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path))];

    private readonly int _rules;

    private GeneratorBenchmark(int rules) => _rules = rules;

    /// <summary>Generates all rules, twice from nothing, then once for each keystroke.</summary>
    public static IReadOnlyList<GeneratorRow> Run(int rules, int edits)
    {
        var benchmark = new GeneratorBenchmark(rules);
        benchmark.WarmCompiler();
        return
        [
            new($"{rules} rules, first run in a process", [benchmark.Generate()]),
            new($"{rules} rules, a second compilation", [benchmark.Generate()]),
            new("a keystroke in an unrelated file", benchmark.Edit(edits)),
            new(
                "alone: the compiler's errors in the rules",
                benchmark.Ask(edits, withErrors: true, withOperations: false)),
            new("alone: the rules' operations", benchmark.Ask(edits, withErrors: false, withOperations: true)),
            new("alone: both, one after the other", benchmark.Ask(edits, withErrors: true, withOperations: true)),
        ];
    }

    /// <summary>What any compilation with a generator costs once: the compiler's own code, that of its generator driver
    /// and of the operations it gives out, and the metadata of the references.</summary>
    private void WarmCompiler()
    {
        using var memory = new MemoryStream();
        _ = Compile(ManyRules.Files(_rules)).GetDiagnostics();
        _ = Compile([]).Emit(memory);
        _ = NewDriver(new ReadingGenerator()).RunGenerators(Compile(ManyRules.Files(_rules)));
    }

    private Duration Generate()
    {
        Compilation compilation = Compile(ManyRules.Files(_rules));
        GeneratorDriver driver = NewDriver();
        Duration duration = Duration.Of(() => driver = driver.RunGenerators(compilation));
        RequireAll(driver);
        return duration;
    }

    private Duration[] Edit(int edits)
    {
        Compilation compilation = Compile(ManyRules.Files(_rules));
        GeneratorDriver driver = NewDriver().RunGenerators(compilation);
        var times = new Duration[edits];
        for (int edit = 0; edit < edits; edit++)
        {
            compilation = Replace(compilation, edit + 1);
            times[edit] = Duration.Of(() => driver = driver.RunGenerators(compilation));
        }

        RequireAll(driver);
        return times;
    }

    /// <summary>What the generator asks the compiler of each rule, asked without the generator.</summary>
    private Duration[] Ask(int edits, bool withErrors, bool withOperations)
    {
        Compilation compilation = Compile(ManyRules.Files(_rules));
        var times = new Duration[edits];
        for (int edit = 0; edit < edits; edit++)
        {
            compilation = Replace(compilation, edit + 1);
            times[edit] = Duration.Of(() => Ask(compilation, withErrors, withOperations));
        }

        return times;
    }

    private static void Ask(Compilation compilation, bool withErrors, bool withOperations)
    {
        foreach (SyntaxTree tree in compilation.SyntaxTrees)
        {
            SemanticModel model = compilation.GetSemanticModel(tree);
            foreach (MethodDeclarationSyntax rule in tree.GetRoot().DescendantNodes().OfType<MethodDeclarationSyntax>()
                .Where(method => method.AttributeLists.Count > 0))
            {
                _ = withErrors ? model.GetDiagnostics(rule.Span) : default;
                _ = withOperations ? model.GetOperation(rule)!.Descendants().Count() : 0;
            }
        }
    }

    private void RequireAll(GeneratorDriver driver)
    {
        GeneratorRunResult result = driver.GetRunResult().Results.Single();
        int names = result.GeneratedSources.Count(
            source => source.HintName.EndsWith(".Rule.g.cs", StringComparison.Ordinal));
        if (result.Exception is not null || !result.Diagnostics.IsEmpty || names != _rules)
        {
            throw new InvalidOperationException(
                $"{names} of {_rules} rules were generated: "
                + $"{result.Exception?.ToString() ?? string.Join("; ", result.Diagnostics)}");
        }
    }

    private static Compilation Replace(Compilation compilation, int keystrokes)
    {
        SyntaxTree old = compilation.SyntaxTrees.Single(tree => tree.FilePath == ManyRules.UnrelatedPath);
        return compilation.ReplaceSyntaxTree(old, Parse(ManyRules.Unrelated(keystrokes), ManyRules.UnrelatedPath));
    }

    private CSharpCompilation Compile(IEnumerable<(string Path, string Text)> files) => CSharpCompilation.Create(
        "Bench",
        files.Append((ManyRules.UnrelatedPath, ManyRules.Unrelated(0))).Select(file => Parse(file.Item2, file.Item1)),
        _references,
        new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

    private static CSharpGeneratorDriver NewDriver() => NewDriver(new Requant.Generator.OptimizerRuleGenerator());

    private static CSharpGeneratorDriver NewDriver(IIncrementalGenerator generator) =>
        CSharpGeneratorDriver.Create([generator.AsSourceGenerator()], parseOptions: ParseOptions);

    private static SyntaxTree Parse(string text, string path) => CSharpSyntaxTree.ParseText(text, ParseOptions, path);
}
