using Requant.Generator.Emit;
using Requant.Generator.Emit.Shared;
using Requant.Generator.Ir;
using Requant.Generator.Lower;
using Requant.Generator.Plan;
using Requant.Generator.Tests.Harness;
using Xunit;

namespace Requant.Generator.Tests;

/// <summary>What the generator makes of the shipped rules and of small ones that cover the language.</summary>
public sealed class GoldenTests
{
    public static TheoryData<string> RuleNames { get; } = [.. RuleFiles.Names];

    public static TheoryData<string, string> BackendFiles { get; } =
        [.. from name in RuleFiles.NamesWithCode
            from kind in new[] { "Rule", "Scalar", "Simd", "Ilgpu" }
            select (name, kind)];

    [Theory]
    [MemberData(nameof(RuleNames))]
    public void Ir_OfRule_IsAsAccepted(string name)
    {
        RuleModel rule = RuleFiles.Run.Models.Single(model => model.TypeName == name);
        IrVerifier.Verify(rule.Body);

        Golden.Check(name + ".Ir", LineMarks.Strip(ListingEmitter.Ir(Planner.Plan(rule))).Text);
    }

    [Theory]
    [MemberData(nameof(BackendFiles))]
    public void Code_OfRule_IsAsAccepted(string name, string kind) =>
        Golden.Check($"{name}.{kind}", RuleFiles.Run.File($"{RuleFiles.NamespaceOf(name)}.{name}.{kind}"));

    [Fact]
    public void Code_OfEveryRule_CompilesWithoutWarnings() => RuleFiles.Run.AssertClean();
}
