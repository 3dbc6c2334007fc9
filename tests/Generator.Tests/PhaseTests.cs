using Requant.Generator.Ir;
using Requant.Generator.Lower;
using Requant.Generator.Plan;
using Requant.Generator.Tests.Harness;
using Xunit;

namespace Requant.Generator.Tests;

/// <summary>How often a rule goes over the elements: once for each reduction that another one waits for, and once
/// for the update. What is reduced of rows or columns costs no pass.</summary>
public sealed class PhaseTests
{
    /// <summary>Means of rows and columns, the size of the update, and the update; for CAME, the means of its
    /// instability before that.</summary>
    [Theory]
    [InlineData("Adafactor", "Shape.IsMatrix", 3)]
    [InlineData("Came", "Shape.IsMatrix", 4)]
    [InlineData("Sm3", "Beta > 0f", 2)]
    [InlineData("Sm3", "", 2)]
    [InlineData("Muon", "Shape.IsMatrix && !AdamW", 2)]
    [InlineData("Lamb", "", 2)]
    [InlineData("Lars", "", 2)]
    [InlineData("AdamW", "", 1)]
    public void Passes_OfShippedRule_AreNoMoreThanItNeeds(string name, string flag, int expected)
    {
        KernelPlan plan = PlanOf(name);

        Assert.Equal(expected, Passes(plan.Variants[plan.VariantOfMask[MaskOf(plan, flag)]]));
    }

    [Fact]
    public void Passes_OfEveryVariant_AreNoMoreThanTheLargestNeeds()
    {
        Assert.Equal(3, PlanOf("Adafactor").Variants.Max(Passes));
        Assert.Equal(4, PlanOf("Came").Variants.Max(Passes));
        Assert.Equal(2, PlanOf("Sm3").Variants.Max(Passes));
        Assert.Equal(2, PlanOf("Muon").Variants.Max(Passes));
        Assert.Equal(1, PlanOf("Muon").Variants.Min(Passes));
    }

    [Theory]
    [InlineData("p -= g;", 1)]
    [InlineData("p -= g / Reduce.Mean(g * g);", 2)]
    [InlineData("p -= g / Reduce.RowMean(g * g);", 2)]
    [InlineData("p -= g / (Reduce.RowMean(g * g) * Reduce.ColumnMean(g * g) + Reduce.Norm(p));", 2)]
    [InlineData("float r = Reduce.RowMean(g * g); p -= g / r * Reduce.Mean(r);", 2)]
    [InlineData("float r = Reduce.RowNorm(g); float s = r / Reduce.Max(r); p -= g * s / Reduce.Sum(s);", 2)]
    [InlineData(
        "float r = Reduce.RowMean(g); float c = Reduce.ColumnMean(g); p -= g * Reduce.Norm(r) * Reduce.Norm(c);", 2)]
    [InlineData("float u = g / Reduce.RowNorm(g); p -= u / Reduce.ColumnNorm(u);", 3)]
    [InlineData("float r = Reduce.RowSum(g); p -= g * Reduce.Norm(g / (1 + Reduce.Max(r)));", 3)]
    [InlineData("p -= Matrix.Orthogonalize(g);", 2)]
    [InlineData("p -= Matrix.Orthogonalize(g) * Reduce.RowNorm(g);", 2)]
    [InlineData("float o = Matrix.Orthogonalize(g); p -= o / Reduce.RowNorm(o);", 3)]
    [InlineData("p -= Matrix.Orthogonalize(Matrix.Orthogonalize(g));", 3)]
    public void Passes_OfBody_AreAsManyAsReductionsWaitForEachOther(string body, int expected)
    {
        KernelPlan plan = Planner.Plan(Assert.Single(GeneratorRun.Of(MarkedSource.Rule(body)).Models));

        Assert.Equal(expected, Passes(Assert.Single(plan.Variants)));
    }

    /// <summary>A reduction of rows has terms of rows: no kernel over elements computes them.</summary>
    [Fact]
    public void MeanOfRows_IsOverRowsAndHasNoKernelOfElements()
    {
        KernelPlan plan = Planner.Plan(Assert.Single(GeneratorRun.Of(
            MarkedSource.Rule("float r = Reduce.RowMean(g * g); p -= g / r * Reduce.Mean(r);")).Models));

        Reduction mean = Assert.Single(plan.Reductions, reduction => reduction.Over == Level.Row);
        Assert.Equal(Level.Uniform, mean.Into);
        Assert.True(plan.Variants[0].Phases[mean.Phase].IsEmpty);
        Assert.Equal(3, plan.PhaseCount);
    }

    /// <summary>A kernel of rows gives each the one result: no row is reduced.</summary>
    [Theory]
    [InlineData("Reduce.Sum(g)", true)]
    [InlineData("Reduce.RowSum(g)", false)]
    public void RowState_OfReduction_IsComputedUnlessTheReductionIsOfRows(string value, bool isComputed)
    {
        KernelPlan plan = Planner.Plan(Assert.Single(GeneratorRun.Of(
            MarkedSource.Rule($"r = {value}; p -= g;").Replace(
                "[State] ref float m", "[RowState] ref float r", StringComparison.Ordinal)).Models));

        Assert.Equal(isComputed, plan.Rows[plan.NewLineStates[0]].IsComputed);
    }

    /// <summary>The norm of a matrix counts each of its elements, be they the same along a row or not.</summary>
    [Fact]
    public void NormOfMatrix_OfValueOfRows_IsOverElements()
    {
        KernelPlan plan = Planner.Plan(Assert.Single(GeneratorRun.Of(MarkedSource.Rule(
            "float r = Reduce.RowMean(g); p -= Matrix.Orthogonalize(r) + g * Reduce.Norm(r);")).Models));

        Assert.Equal(
            [Level.Element, Level.Row],
            plan.Reductions.Where(reduction => reduction.Kind == "Norm").Select(reduction => reduction.Over)
                .OrderByDescending(over => over));
    }

    /// <summary>Kernels over the elements that have something to do.</summary>
    private static int Passes(Variant variant) => variant.Phases.Count(kernel => !kernel.IsEmpty);

    /// <summary>The combination in which one flag holds, or none.</summary>
    private static int MaskOf(KernelPlan plan, string flag) =>
        flag.Length == 0 ? 0 : 1 << plan.Flags.ToList().FindIndex(one => one.Text == flag);

    private static KernelPlan PlanOf(string name) =>
        Planner.Plan(RuleFiles.Run.Models.Single(model => model.TypeName == name));
}
