using Requant.Generator.Ir;
using Requant.Generator.Lower;
using Requant.Generator.Plan;
using Requant.Generator.Tests.Harness;
using Xunit;

namespace Requant.Generator.Tests;

/// <summary>Conditions that hold for all elements of a step select a kernel, and cost nothing in it.</summary>
public sealed class SpecialisationTests
{
    [Fact]
    public void Momentum_ThreeFlags_HasOneKernelPerDifferentMeaning()
    {
        KernelPlan plan = PlanOf("Momentum");

        Assert.Equal(
            ["Beta != 0f", "Nesterov", "State.IsFirst(m)"],
            plan.Flags.Select(flag => flag.Text).Order(StringComparer.Ordinal));
        Assert.Equal(8, plan.VariantOfMask.Count);

        // Plain descent; first step and later ones, each with Nesterov's look-ahead and without.
        Assert.Equal(5, plan.Variants.Count);
        Assert.All(plan.Variants, variant => AssertNoBranch(variant.Phases[0]));
    }

    [Fact]
    public void Momentum_WithoutBeta_NeitherReadsNorWritesItsState()
    {
        KernelPlan plan = PlanOf("Momentum");
        int beta = plan.Flags.ToList().FindIndex(flag => flag.Text == "Beta != 0f");
        int[] plain = [.. Enumerable.Range(0, plan.VariantOfMask.Count).Where(mask => (mask & (1 << beta)) == 0)
            .Select(mask => plan.VariantOfMask[mask]).Distinct()];

        Kernel kernel = plan.Variants[Assert.Single(plain)].Phases[0];

        Assert.False(kernel.ReadsState(0));
        Assert.False(kernel.WritesState(0));
    }

    [Fact]
    public void Adamax_NoFlags_HasOneKernel() => Assert.Single(PlanOf("Adamax").Variants);

    [Fact]
    public void Conditions_MoreThanFour_TravelAsValues()
    {
        KernelPlan plan = PlanOfBody(
            "if (step == 1) p += 1; if (flag) p *= g; if (k > 1) p -= 3; if (lr > 1) p *= m; "
            + "if (k > 2) p -= g; m = g;");

        // Hyperparameters come first; the step's own condition is one value that the kernel tests.
        Assert.Equal(["Flag", "K > 1", "Lr > 1f", "K > 2"], plan.Flags.Select(flag => flag.Text));
        Assert.Equal(OpCode.Equal, plan.Rule.Body.Ops[Assert.Single(
            plan.Uniforms, slot => plan.Rule.Body.Ops[slot.Value].Type == IrType.Bool).Value].Code);
    }

    [Fact]
    public void Condition_BesideOneOnAReduction_IsAFlag()
    {
        KernelPlan plan = PlanOfBody("float norm = Reduce.Norm(g); p -= flag && norm > 1 ? g / norm : g + m;");

        Assert.Equal("Flag", Assert.Single(plan.Flags).Text);
        Assert.Equal([true, false], plan.Variants.Select(variant => variant.Phases[0].IsEmpty));
    }

    [Fact]
    public void Condition_AndItsNegation_AreOneFlag()
    {
        KernelPlan plan = PlanOfBody(
            "p = flag ? g : p; m = !flag ? g : m; if (!(!flag)) p += 1; p -= flag == false ? 2 : 3;");

        Assert.Equal("Flag", Assert.Single(plan.Flags).Text);
        Assert.Equal(2, plan.Variants.Count);
        Assert.All(plan.Variants, variant => AssertNoBranch(variant.Phases[0]));
    }

    [Fact]
    public void Condition_OfDecidedParts_IsDecided()
    {
        KernelPlan plan = PlanOfBody(
            "p = flag ? g : p; p += flag && g > 0 ? 1 : 2; p *= flag || g > 0 ? 3 : 4; p -= !(flag && g > 0) ? 5 : 6;");

        Kernel off = plan.Variants[plan.VariantOfMask[0]].Phases[0];

        Assert.Equal(2, plan.Variants.Count);
        Assert.Single(off.Ops, op => op.Code == OpCode.Select);
        Assert.DoesNotContain(off.Ops, op => op.Code is OpCode.And or OpCode.Or or OpCode.Not or OpCode.ConstBool);
    }

    [Fact]
    public void Branch_NotTaken_LeavesNoOperation()
    {
        KernelPlan plan = PlanOfBody(
            "float decay = 0; if (flag) { decay = MathF.Sqrt(MathF.Abs(p)); } p -= decay; m = g;");

        Kernel off = plan.Variants[plan.VariantOfMask[0]].Phases[0];
        Kernel on = plan.Variants[plan.VariantOfMask[1]].Phases[0];

        Assert.DoesNotContain(off.Ops, op => op.Code is OpCode.Sqrt or OpCode.Abs or OpCode.Select);
        Assert.Contains(on.Ops, op => op.Code == OpCode.Sqrt);
        Assert.DoesNotContain(on.Ops, op => op.Code == OpCode.Select);
    }

    [Fact]
    public void Branch_ThatMakesNoDifference_MakesNoVariant() =>
        Assert.Single(PlanOfBody("float x = flag ? g : p; p -= 0.1f * g;").Variants);

    [Fact]
    public void Hash_OfRule_FollowsItsMeaningOnly()
    {
        const string Body = "float direction = g + m; p -= lr * direction;";

        string hash = PlanOfBody(Body).Hash;

        Assert.Equal(hash, PlanOfBody("float other = g + m; { p -= (lr * other); } // The same.").Hash);
        Assert.NotEqual(hash, PlanOfBody("float direction = m + g; p -= lr * direction;").Hash);
    }

    /// <summary>Checkpoints compare codecs and roundings state by state, and options override
    /// them.</summary>
    [Theory]
    [InlineData("[State(Codec.MiniFloat)]")]
    [InlineData("[State(Rounding = StateRounding.Stochastic)]")]
    public void Hash_OfRule_SaysNothingOfHowStatesAreStored(string state)
    {
        string source = MarkedSource.Rule("m = m + g; p -= lr * m;");

        Assert.Equal(
            PlanOfSource(source).Hash, PlanOfSource(source.Replace("[State]", state, StringComparison.Ordinal)).Hash);
    }

    private static void AssertNoBranch(Kernel kernel) =>
        Assert.DoesNotContain(kernel.Ops, op => op.Code == OpCode.Select);

    private static KernelPlan PlanOf(string name) =>
        Planner.Plan(RuleFiles.Run.Models.Single(model => model.TypeName == name));

    private static KernelPlan PlanOfBody(string body) => PlanOfSource(MarkedSource.Rule(body));

    private static KernelPlan PlanOfSource(string source)
    {
        RuleModel rule = Assert.Single(GeneratorRun.Of(source).Models);
        return Planner.Plan(rule);
    }
}
