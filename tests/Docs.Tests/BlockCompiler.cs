using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Requant.Generator;

namespace Requant.Docs.Tests;

/// <summary>Compiles blocks of the documentation in memory, with the generator.</summary>
internal static partial class BlockCompiler
{
    private static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.Latest);

    /// <summary>What a project with implicit usings has.</summary>
    private static readonly SyntaxTree ImplicitUsings = Parse(
        """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Threading.Tasks;
        """);

    /// <summary>The assemblies beside this one and the runtime's.</summary>
    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    private static readonly CSharpCompilation Empty = CSharpCompilation.Create(
        "Documentation", [ImplicitUsings], References,
        new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

    /// <summary>The compiler's and the generator's errors, each with page and line.</summary>
    public static IReadOnlyList<string> Errors(CodeBlock block)
    {
        CSharpCompilation compilation = Empty.AddSyntaxTrees(Parse(SourceOf(block)));
        if (block.Context is null && compilation.SyntaxTrees[^1].GetRoot().ChildNodes().Any(
            node => node.IsKind(SyntaxKind.GlobalStatement)))
        {
            compilation = compilation.WithOptions(
                compilation.Options.WithOutputKind(OutputKind.ConsoleApplication));
        }

        GeneratorDriver driver = CSharpGeneratorDriver.Create(
            [new OptimizerRuleGenerator().AsSourceGenerator()], parseOptions: ParseOptions);
        driver.RunGeneratorsAndUpdateCompilation(
            compilation, out Compilation output, out ImmutableArray<Diagnostic> reported);
        Diagnostic[] errors =
            [.. reported.Concat(output.GetDiagnostics()).Where(found => found.Severity == DiagnosticSeverity.Error)];
        return
        [
            .. (errors.Any(IsReported) ? errors.Where(IsReported) : errors).Select(
                found => $"{Place(found)}: {found.Id}: {found.GetMessage(null)}"),
        ];

        // What the generator refuses has no kernels, and the compiler misses them.
        bool IsReported(Diagnostic found) => reported.Contains(found);
    }

    private static string Place(Diagnostic found)
    {
        FileLinePositionSpan place = found.Location.GetMappedLineSpan();
        return $"{place.Path}:{place.StartLinePosition.Line + 1}";
    }

    /// <summary>The block in its context. Its own usings go before everything else, and their lines stay
    /// empty.</summary>
    private static string SourceOf(CodeBlock block)
    {
        Context context = Context.Named(block.Context);
        string[] usings = [.. UsingLine().Matches(block.Text).Select(match => match.Value.Trim())];
        string own = string.Join('\n', usings.Select(line => line.Split("//")[0]));
        string body = UsingLine().Replace(block.Text, "");
        return $"""
            {context.Usings}
            {own}
            {context.Before}
            #line {block.Line} "{block.Page}"
            {body}
            #line default
            {context.After}
            """;
    }

    private static SyntaxTree Parse(string text) => CSharpSyntaxTree.ParseText(text, ParseOptions);

    [GeneratedRegex(@"^using (static )?[\w.]+( = [\w.]+)?;.*$", RegexOptions.Multiline)]
    private static partial Regex UsingLine();
}
