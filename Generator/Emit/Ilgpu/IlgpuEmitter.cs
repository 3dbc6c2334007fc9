using Requant.Generator.Emit.Shared;
using Requant.Generator.Ir;
using Requant.Generator.Plan;
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
        model["kernels"] = KernelModel.Kernels(plan, names, Syntax, AddOwn);
        model["finishes"] = new ScriptArray(Enumerable.Range(0, plan.Finishes.Count)
            .Where(phase => !plan.Finishes[phase].IsEmpty).Select(phase => Finish(plan, names, phase)));
        return KernelFile.Render("Ilgpu", model);
    }

    private static void AddOwn(ScriptObject model, Kernel kernel)
    {
        bool isTakenWhole = KernelLength.IsTakenWhole(kernel);
        model["is_taken_whole"] = isTakenWhole;

        // Kernels of float32 states wait for memory with enough warps; whether states are is known where a kernel is compiled.
        model["is_prefetched"] = isTakenWhole && model["states"] is ScriptArray { Count: > 0 };
    }

    private static ScriptObject Finish(KernelPlan plan, KernelNames names, int phase)
    {
        Kernel kernel = plan.Finishes[phase];
        var text = new KernelText(plan, names, kernel, Syntax);
        return new ScriptObject
        {
            ["method"] = KernelModel.FinishName(phase),
            ["phase"] = phase,
            ["reductions"] = new ScriptArray(Enumerable.Range(0, plan.Reductions.Count)
                .Where(reduction => plan.Reductions[reduction].Phase == phase)
                .Select(reduction => new ScriptObject { ["index"] = reduction, ["kind"] = plan.Reductions[reduction].Kind })),
            ["earlier"] = new ScriptArray(kernel.Ops.Where(op => op.Code == OpCode.Reduce && plan.Reductions[op.Index].Phase < phase)
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
    }
}
