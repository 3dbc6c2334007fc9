using System.Reflection;

namespace Requant.Generator.Tests.Harness;

/// <summary>Rules compiled together with what the generator made of them, and loaded.</summary>
internal sealed class RuleAssembly
{
    private static readonly Lazy<RuleAssembly> LazySemantic = new(() => Load(
        Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "SemanticRules"), "*.cs")
            .Order(StringComparer.Ordinal)
            .Select(path => (Path.GetFileName(path), File.ReadAllText(path)))));

    private RuleAssembly(GeneratorRun run, Assembly assembly)
    {
        Run = run;
        Rules = [.. Methods(assembly).Select(rule => new CompiledRule(
            rule.Name, rule.Method,
            assembly.GetType($"{rule.Method.DeclaringType!.Namespace}.{rule.Name}", throwOnError: true)!))];
    }

    public static RuleAssembly Semantic => LazySemantic.Value;

    public GeneratorRun Run { get; }

    public IReadOnlyList<CompiledRule> Rules { get; }

    public static RuleAssembly Load(IEnumerable<(string Path, string Text)> sources)
    {
        GeneratorRun run = GeneratorRun.Of(sources);
        return new RuleAssembly(run, Assembly.Load(run.Emit()));
    }

    /// <summary>Compiles rules as the methods that they are, without the generator.</summary>
    public static IReadOnlyDictionary<string, MethodInfo> LoadMethods(
        IEnumerable<(string Path, string Text)> sources) =>
        Methods(Assembly.Load(GeneratorRun.EmitAlone(sources))).ToDictionary(rule => rule.Name, rule => rule.Method);

    private static IEnumerable<(string Name, MethodInfo Method)> Methods(Assembly assembly) =>
        from type in assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
        let attribute = method.GetCustomAttribute<OptimizerRuleAttribute>()
        where attribute is not null
        select (attribute.Name ?? method.Name, method);
}

/// <summary>A rule as C# executes it and as an optimizer.</summary>
/// <param name="Name">Name of the generated type.</param>
/// <param name="Method">The rule itself.</param>
/// <param name="Type">The generated record.</param>
internal sealed record CompiledRule(string Name, MethodInfo Method, Type Type);
