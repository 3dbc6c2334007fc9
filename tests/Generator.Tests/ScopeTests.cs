using Requant.Generator.Support;
using Requant.Generator.Tests.Harness;
using Xunit;

namespace Requant.Generator.Tests;

/// <summary>Generated code does not depend on what is in scope: on usings of the project, on the types and namespaces
/// beside the rule or around it, or on what the author adds to the generated record.</summary>
public sealed class ScopeTests
{
    private const string Rules =
        """
        public static class Rules
        {
            [global::Requant.OptimizerRule]
            public static void Rule(
                ref float p, float g, [global::Requant.State] ref float m, [global::Requant.State(global::Requant.Codec.MiniFloatUnsigned)] ref float v,
                float lr = 0.1f, bool decay = false)
            {
                m = 0.9f * m + g;
                v = global::System.MathF.Max(v, g * g);
                float update = m / (global::System.MathF.Sqrt(v) + 1e-8f);
                float norm = global::Requant.Reduce.Norm(update);
                p -= lr * update / (1 + norm);
                if (decay)
                {
                    p *= 1 - lr;
                }
            }
        }
        """;

    /// <summary>Every name that kernels use, and those of namespaces that full names begin with.</summary>
    private static readonly string[] Names =
        [
            .. KernelTypes.SimpleNames, "MethodImpl", "MethodImplAttribute", "Kernels", "Scalar", "Simd512", "Ilgpu",
            "RuleInfo", "Codec", "Span", "Int32",
        ];

    private static readonly string Types = string.Concat(
        Names.Select(name => $"public class {name} {{ }} public class {name}<T> {{ }} "));

    public static TheoryData<string, string> Scopes { get; } = new()
    {
        { "global using of a namespace", $"namespace Project {{ {Types} }} ### global using Project;" },
        { "global using of a namespace, twice", $"namespace Project {{ {Types} }} namespace Project2 {{ {Types} }} "
            + "### global using Project; global using Project2;" },
        { "global using static", $"public static class Project {{ {Types} }} ### global using static Project;" },
        { "global aliases", "namespace Project { public class Other; } "
            + "### "
            + $"{string.Concat(KernelTypes.SimpleNames.Select(name => $"global using {name} = Project.Other; "))}" },
        { "types of the global namespace", $"{Types} ### " },
        { "a type that is no attribute", "namespace Project { public class MethodImpl : System.Attribute { } } "
            + "### global using Project; global using System.Runtime.CompilerServices;" },
        { "a type named var", "namespace Project { public class var; } ### global using Project;" },
    };

    [Theory]
    [MemberData(nameof(Scopes))]
    public void Rule_OfTheGlobalNamespace_Compiles(string what, string scope)
    {
        string[] files = scope.Split("###");

        Assert.NotEmpty(what);
        AssertCompiles(Rules, files[0], files[1]);
    }

    [Theory]
    [MemberData(nameof(Scopes))]
    public void Rule_OfANamespace_Compiles(string what, string scope)
    {
        string[] files = scope.Split("###");

        Assert.NotEmpty(what);
        AssertCompiles($"namespace My.Rules {{ {Rules} }}", files[0], files[1]);
    }

    [Theory]
    [InlineData("My.Inner")]
    [InlineData("My.Requant.Cpu")]
    [InlineData("My.System")]
    [InlineData("My.System.Runtime.Intrinsics")]
    [InlineData("My.ILGPU")]
    [InlineData("My.global")]
    [InlineData("Requant")]
    [InlineData("Requant.Cpu")]
    [InlineData("System.Runtime.Mine")]
    public void Rule_BesideTypesOfTheSameNames_Compiles(string space)
    {
        // Types of these names are in the namespaces themselves.
        string types = space.StartsWith("My", StringComparison.Ordinal) ? Types : "";

        AssertCompiles(
            $"namespace {space} {{ {Rules} {types} }}",
            $"namespace My {{ {Types} }} namespace My.Requant {{ }} namespace My.System {{ }}");
    }

    [Fact]
    public void Rule_BesideNamespacesOfTheSameNames_Compiles() => AssertCompiles(
        $"namespace My {{ {Rules} }}",
        string.Concat(
            Names.Concat(["System", "Requant", "ILGPU"]).Select(name => $"namespace My.{name} {{ class Inner; }} ")));

    /// <summary>But for the name of a property, an addition to the record is in nothing's way.</summary>
    [Fact]
    public void Record_WithMembersOfTheSameNames_Compiles() => AssertCompiles(
        $"namespace My {{ {Rules} public sealed partial record Rule {{ "
        + $"{string.Concat(KernelTypes.SimpleNames.Select(name => $"public int {name} => 0; "))} }} }}");

    [Fact]
    public void Hyperparameters_OfTheSameNames_Compile() => AssertCompiles(
        "namespace My { public static class Rules { [global::Requant.OptimizerRule] public static void Rule(ref float "
        + "p, float g, [global::Requant.State] ref float m, "
        + string.Join(", ", KernelTypes.SimpleNames.Select(name => $"float {HyperparameterOf(name)} = 1f"))
        + ") { m = global::System.MathF.Sqrt(g) + m; p -= m * ("
        + string.Join(" + ", KernelTypes.SimpleNames.Select(HyperparameterOf)) + "); } } }");

    [Theory]
    [InlineData("Unsafe")]
    [InlineData("Gradients")]
    [InlineData("Vector512")]
    public void Rule_OfAKernelTypesName_Compiles(string name) =>
        AssertCompiles($"namespace My {{ {Rules.Replace("void Rule(", $"void {name}(", StringComparison.Ordinal)} }}");

    private static string HyperparameterOf(string name) => "@" + char.ToLowerInvariant(name[0]) + name[1..];

    private static void AssertCompiles(params string[] sources)
    {
        GeneratorRun run = GeneratorRun.Of(
            [.. sources.Select(source => "#pragma warning disable CS8981, CS1591\n" + source)]);

        run.AssertClean();
        Assert.NotEmpty(run.Result.GeneratedSources);
        Assert.NotEmpty(run.Emit());
    }
}
