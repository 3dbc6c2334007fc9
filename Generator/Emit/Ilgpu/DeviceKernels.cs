using Requant.Generator.Emit.Shared;
using Requant.Generator.Ir;
using Requant.Generator.Plan;
using Requant.Generator.Support;

namespace Requant.Generator.Emit.Ilgpu;

/// <summary>A kernel over elements on a device.</summary>
/// <param name="Variant">Number of its variant.</param>
/// <param name="Phase">Its phase.</param>
/// <param name="Into">What it reduces elements into. The kernel that updates them, or makes a matrix of them, is one of
/// <see cref="Level.Uniform"/>.</param>
/// <param name="Kernel">What it computes.</param>
/// <param name="Method">Its name.</param>
internal sealed record DeviceKernel(int Variant, int Phase, Level Into, Kernel Kernel, string Method)
{
    /// <summary>All of a plan. A device takes sums of blocks, rows and columns in passes of their own, each in the
    /// order that suits it.</summary>
    public static IEnumerable<DeviceKernel> All(KernelPlan plan) =>
        from variant in Enumerable.Range(0, plan.Variants.Count)
        from phase in Enumerable.Range(0, plan.PhaseCount)
        let whole = plan.Variants[variant].Phases[phase]
        from level in new[] { Level.Uniform, Level.Row, Level.Column }
        let kernel = Part(plan, whole, level)
        where !kernel.IsEmpty
        select new DeviceKernel(variant, phase, level, kernel, level == Level.Uniform
            ? KernelModel.MethodName(plan.Variants[variant], phase)
            : KernelModel.ReduceName(plan.Variants[variant], phase, level));

    /// <summary>What of a phase's kernel is computed for reductions into one level.</summary>
    private static Kernel Part(KernelPlan plan, Kernel kernel, Level level)
    {
        Term[] terms = [.. kernel.Terms.Where(term => IntoOf(plan, term) == level)];
        if (terms.Length == kernel.Terms.Count)
        {
            return kernel.Writes && level != Level.Uniform ? new Kernel(default, -1, default, default) : kernel;
        }

        (EquatableArray<IrOp> ops, int[] values) = Liveness.Compact(kernel.Ops, [.. terms.Select(term => term.Value)]);
        return new Kernel(
            ops, -1, default, terms.Select((term, index) => term with { Value = values[index] }).ToEquatableArray());
    }

    private static Level IntoOf(KernelPlan plan, Term term) =>
        term.Matrix >= 0 ? Level.Uniform : plan.Reductions[term.Reduction].Into;
}
