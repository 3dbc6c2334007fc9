using Requant.Generator.Ir;
using Requant.Generator.Plan;
using Requant.Generator.Support;
using Scriban.Runtime;

namespace Requant.Generator.Emit.Shared;

/// <summary>The kernels that compute values of rows and columns, as templates see them.</summary>
internal static class LinesModel
{
    /// <summary>All of a plan that have something to compute.</summary>
    public static IEnumerable<(int Variant, int Phase, Level Level, string Method)> All(KernelPlan plan) =>
        from variant in Enumerable.Range(0, plan.Variants.Count)
        from phase in Enumerable.Range(0, plan.PhaseCount)
        from level in new[] { Level.Row, Level.Column }
        where plan.Variants[variant].Lines(level)[phase].Terms.Count > 0
        select (variant, phase, level, $"{level}sPhase{Literals.Int(phase)}{plan.Variants[variant].Name}");

    public static ScriptArray Of(KernelPlan plan, KernelNames names, IOpSyntax syntax) => new(
        All(plan).Select(one =>
        {
            Variant variant = plan.Variants[one.Variant];
            Kernel kernel = variant.Lines(one.Level)[one.Phase];
            var text = new KernelText(plan, names, kernel, syntax);
            return new ScriptObject
            {
                ["method"] = one.Method,
                ["variant"] = variant.Description,
                ["level"] = one.Level.ToString(),
                ["hides_constants"] = kernel.Ops.Any(op => op.IsOpaque),
                ["uniforms"] = KernelModel.Uniforms(plan, names, kernel),
                ["inputs"] = new ScriptArray(KernelModel.InputsOf(plan, names, kernel).Select(input => input.Object)),
                ["statements"] = new ScriptArray(text.Statements),
                ["values"] = new ScriptArray(kernel.Terms.Select(term => new ScriptObject
                {
                    ["slot"] = term.Reduction,
                    ["text"] = text.Marked(term.Value),
                })),
            };
        }));
}
