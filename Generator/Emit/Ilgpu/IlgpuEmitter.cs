using Requant.Generator.Emit.Shared;
using Requant.Generator.Ir;
using Requant.Generator.Plan;
using Requant.Generator.Support;
using Scriban.Runtime;

namespace Requant.Generator.Emit.Ilgpu;

/// <summary>Kernels for ILGPU accelerators. Functions that ILGPU lacks or computes otherwise than C# come from
/// <c>DeviceMath</c>.</summary>
internal static class IlgpuEmitter
{
    private static readonly ElementSyntax Syntax = new(operation => operation.Device, select: "DeviceMath.Select");

    public static string Emit(KernelPlan rule)
    {
        KernelPlan plan = OpaqueConstants.In(rule);
        var names = new KernelNames(plan);
        ScriptObject model = FileText.Model(plan, names);
        model["type_parameters"] = new ScriptArray(KernelNames.ElementTypes.Concat(names.Codecs));
        IEnumerable<string> kernels = KernelModel.Of(plan, names, Syntax)
            .Select(kernel => Kernel(model, plan, names, kernel));
        IEnumerable<string> finishes = Enumerable.Range(0, plan.Finishes.Count)
            .Where(phase => !plan.Finishes[phase].IsEmpty).Select(phase => Finish(plan, names, phase));
        model["methods"] = new ScriptArray(kernels.Concat(finishes));
        return KernelFile.Render("Ilgpu", model);
    }

    /// <summary>A kernel: its loop over blocks, what is in that loop, and what it calls for an element.</summary>
    private static string Kernel(ScriptObject model, KernelPlan plan, KernelNames names, KernelModel kernel)
    {
        IlgpuModel.Add(plan, names, kernel);
        model["kernel"] = kernel.Object;
        string kind = kernel.Kernel.Writes ? "Update" : "Reduce";
        model["whole_block"] = KernelLength.IsTakenWhole(kernel.Kernel)
            ? Templates.Render($"Ilgpu{kind}Whole", model)
            : "";
        model["any_block"] = Templates.Render($"Ilgpu{kind}Block", model);
        return Templates.Render("IlgpuKernel", model) + "\n" + Templates.Render("IlgpuElement", model).TrimEnd();
    }

    private static string Finish(KernelPlan plan, KernelNames names, int phase)
    {
        Kernel kernel = plan.Finishes[phase];
        var text = new KernelText(plan, names, kernel, Syntax);
        var model = new ScriptObject
        {
            ["method"] = KernelModel.FinishName(phase),
            ["phase"] = phase,
            ["reductions"] = new ScriptArray(Enumerable.Range(0, plan.Reductions.Count)
                .Where(reduction => plan.Reductions[reduction].Phase == phase)
                .Select(reduction =>
                    new ScriptObject { ["index"] = reduction, ["kind"] = plan.Reductions[reduction].Kind })),
            ["earlier"] = new ScriptArray(
                kernel.Ops.Where(op => op.Code == OpCode.Reduce && plan.Reductions[op.Index].Phase < phase)
                    .Select(op => op.Index).Distinct()),
            ["result_slot"] = plan.Uniforms.Count,
            ["uniforms"] = KernelModel.Uniforms(plan, names, kernel),
            ["statements"] = new ScriptArray(text.Statements),
            ["values"] = new ScriptArray(kernel.Terms.Select(term => new ScriptObject
            {
                ["slot"] = term.Reduction,
                ["text"] = text.Of(term.Value),
            })),
        };
        return Templates.Render("IlgpuFinish", model).TrimEnd();
    }
}
