using System.Text;
using Requant.Generator.Emit.Shared;
using Requant.Generator.Tests.Harness;
using Xunit;

namespace Requant.Generator.Tests;

/// <summary>No two rules have files of one name, whatever they and their namespaces are called, and any name is one
/// that the compiler and a disk take.</summary>
public sealed class HintNameTests
{
    private const int FilesPerRule = 5;

    /// <summary>What a name may have on most file systems.</summary>
    private const int LongestFileName = 255;

    [Theory]
    [InlineData("A.B", "Lion", "a.B", "Lion")]
    [InlineData("A", "Lion", "A", "LION")]
    [InlineData("A", "Lion", "A.lion", "Lion")]
    [InlineData("A", "B", "A_B", "B")]
    [InlineData("A.B", "C", "A_B", "C")]
    [InlineData("Straße", "Lion", "Straẞe", "Lion")]
    [InlineData("नमस्ते", "नियम", "नमस्ती", "नियम")]
    [InlineData("@class", "Lion", "@event", "Lion")]
    [InlineData("Kelvin.K", "Lion", "Kelvin.\u212A", "Lion")]
    [InlineData("", "Lion", "lion", "Lion")]
    [InlineData("ı", "I", "i", "I")]
    public void Names_ThatDifferInAnything_HaveFilesOfTheirOwn(
        string firstNamespace, string first, string secondNamespace, string second)
    {
        GeneratorRun run = GeneratorRun.Of(
            [Source(firstNamespace, "First", first), Source(secondNamespace, "Second", second)]);

        run.AssertClean();
        Assert.Equal(2 * FilesPerRule, run.Result.GeneratedSources.Select(file => file.HintName)
            .Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Theory]
    [InlineData("Lion", "Lion")]
    [InlineData("List_1", "List_1_")]
    public void Names_InNestedAndGenericLookingTypes_HaveFilesOfTheirOwn(string first, string second)
    {
        GeneratorRun run = GeneratorRun.Of([
            $"namespace A; public static class Outer {{ public static class Inner {{ {Method(first)} }} }}",
            $"namespace A.Outer1; public static class Inner {{ {Method(second)} }}"]);

        run.AssertClean();
        Assert.Equal(2 * FilesPerRule, run.Result.GeneratedSources.Length);
    }

    [Fact]
    public void Names_OfGreatLength_AreNamesOfFiles()
    {
        string deep = string.Join('.', Enumerable.Repeat("Namespace", 60));
        string longName = new('L', 400);
        GeneratorRun run = GeneratorRun.Of(
            [Source(deep, "Rules", longName + "A"), Source(deep + ".X", "Rules", longName + "A")]);

        run.AssertClean();
        Assert.All(
            run.Result.GeneratedSources,
            file => Assert.InRange(Encoding.UTF8.GetByteCount(file.HintName), 1, LongestFileName));
        Assert.Equal(2 * FilesPerRule, run.Result.GeneratedSources.Select(file => file.HintName)
            .Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    private static string Source(string space, string type, string rule) =>
        (space.Length == 0 ? "" : $"namespace {space}; ") + $"public static class {type} {{ {Method(rule)} }}";

    private static string Method(string rule) =>
        $"[Requant.OptimizerRule] public static void {rule}(ref float p, float g, [Requant.State] ref float m) {{ "
        + "p -= m; m = g; }";
}
