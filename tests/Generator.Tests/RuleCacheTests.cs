using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis;
using Requant.Generator.Read;
using Requant.Generator.Tests.Harness;
using Xunit;

namespace Requant.Generator.Tests;

/// <summary>A rule is read again when something that it depends on has changed, wherever that is,
/// and only then.</summary>
public sealed class RuleCacheTests
{
    private const string Rule =
        """
        using System;
        namespace Own;
        public static class Rules
        {
            [Requant.OptimizerRule]
            public static void Lion(ref float p, float g) => p -= Constants.Rate * MathF.Abs(g);
        }
        """;

    private const string Other =
        """
        namespace Own;
        public static class Constants
        {
            public const float Rate = 2f;
            public static int Count(int n) { int twice = n * 2; return twice; }
            public static int Property => 1;
        }
        """;

    [Theory]
    [InlineData("int twice = n * 2; return twice;", "return 3 * n;")]
    [InlineData("int twice = n * 2; return twice;", "/* a comment */ int thrice = n * 3; return thrice; ")]
    [InlineData("Property => 1", "Property => 1 + 2")]
    public void Edit_OfAnotherBody_LeavesTheRuleAsRead(string old, string replacement)
    {
        GeneratorRun run = Start();
        GeneratorRun edited = run.WithEdit(
            "Other.cs", text => text.Replace(old, replacement, StringComparison.Ordinal));

        Assert.Same(Assert.Single(run.Models), Assert.Single(edited.Models));
    }

    [Fact]
    public void Edit_OfAConstant_ReadsTheRuleAgain()
    {
        GeneratorRun edited = Start().WithEdit("Other.cs", text => text.Replace("2f", "3f", StringComparison.Ordinal));

        edited.AssertClean();
        Assert.Contains("3f * ", edited.File("Own.Lion.Scalar"), StringComparison.Ordinal);
    }

    [Fact]
    public void Edit_ThatAddsAType_ReadsTheRuleAgain()
    {
        GeneratorRun edited = Start().WithEdit(
            "Other.cs", text => text + "public static class MathF { public static float Abs(float x) => x; }");

        edited.AssertClean();
        Assert.Contains("2f * g", edited.File("Own.Lion.Scalar"), StringComparison.Ordinal);
    }

    [Fact]
    public void Edit_BackAndForth_FollowsEachTime()
    {
        GeneratorRun run = Start();
        GeneratorRun changed = run.WithEdit("Other.cs", text => text.Replace("2f", "4f", StringComparison.Ordinal));
        GeneratorRun back = changed.WithEdit("Other.cs", _ => Other);

        Assert.Contains("4f * ", changed.File("Own.Lion.Scalar"), StringComparison.Ordinal);
        Assert.Contains("2f * ", back.File("Own.Lion.Scalar"), StringComparison.Ordinal);
    }

    [Fact]
    public void Options_Changed_ReadTheRuleAgain()
    {
        GeneratorRun run = GeneratorRun.Of(MarkedSource.Rule("int n = k + step; p -= n;"));
        GeneratorRun edited = run.Again(input => ((CSharpCompilation)input).WithOptions(
            ((CSharpCompilation)input).Options.WithOverflowChecks(true)));

        Assert.DoesNotContain(run.Diagnostics, found => found.Id == "REQ1002");
        Assert.Contains(edited.Diagnostics, found => found.Id == "REQ1002");
    }

    [Theory]
    [InlineData("class A { void F() { int x = 1; } }", "class A { void F() { string y = \"}\"; } }", true)]
    [InlineData(
        "class A { int this[int i] { get { return i; } } }", "class A { int this[int i] { get { return 2; } } }", true)]
    [InlineData("System.Console.WriteLine(1);", "System.Console.WriteLine(2);", true)]
    [InlineData("class A { void F() { } }", "class A { void F(int x) { } }", false)]
    [InlineData("class A { const int X = 1; }", "class A { const int X = 2; }", false)]
    [InlineData("class A { [System.Obsolete(\"a\")] void F() { } }",
        "class A { [System.Obsolete(\"b\")] void F() { } }", false)]
    [InlineData("class A { void F() { } }", "global using System; class A { void F() { } }", false)]
    [InlineData("class A { }", "class A { } class B { }", false)]
    public void Fingerprint_IsOfDeclarations(string first, string second, bool same) =>
        Assert.Equal(same, FingerprintOf(first) == FingerprintOf(second));

    private static GeneratorRun Start() => GeneratorRun.Of([("Rule.cs", Rule), ("Other.cs", Other)]);

    private static string FingerprintOf(string text) => DeclarationFingerprint.Of(
        CSharpCompilation.Create(
            "x", [CSharpSyntaxTree.ParseText(text, cancellationToken: TestContext.Current.CancellationToken)]));
}
