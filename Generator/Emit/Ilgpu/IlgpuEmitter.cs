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
        IEnumerable<string> kernels = DeviceKernel.All(plan).Select(kernel => Kernel(model, plan, names, kernel));
        IEnumerable<string> lines = LinesModel.Of(plan, names, Syntax).Cast<ScriptObject>()
            .Select(line => Lines(plan, line));
        IEnumerable<string> finishes = Enumerable.Range(0, plan.Finishes.Count)
            .Where(plan.HasFinish).Select(phase => Finish(plan, names, phase));
        model["methods"] = new ScriptArray(kernels.Concat(lines).Concat(finishes));
        return KernelFile.Render("Ilgpu", model);
    }

    /// <summary>A kernel: its loop over blocks, what is in that loop, and what it calls for an element.</summary>
    private static string Kernel(ScriptObject model, KernelPlan plan, KernelNames names, DeviceKernel device)
    {
        Variant variant = plan.Variants[device.Variant];
        var kernel = new KernelModel(plan, names, variant, device.Kernel, device.Method, Syntax);
        IlgpuModel.Add(plan, names, kernel, variant);
        model["kernel"] = kernel.Object;
        string kind = kernel.Kernel.Writes ? "Update" : "Reduce";
        model["whole_block"] = IlgpuModel.IsTakenWhole(kernel.Kernel, variant)
            ? Templates.Render($"Ilgpu{kind}Whole", model)
            : "";
        model["any_block"] = device.Into switch
        {
            Level.Row => Templates.Render("IlgpuReduceRows", model),
            Level.Column => "",
            _ => Templates.Render($"Ilgpu{kind}Block", model),
        };
        string loop = device.Into == Level.Column ? "IlgpuReduceColumns" : "IlgpuKernel";
        return Templates.Render(loop, model) + "\n" + Templates.Render("IlgpuElement", model).TrimEnd();
    }

    private static string Lines(KernelPlan plan, ScriptObject line)
    {
        IlgpuModel.AddLines(plan, line);
        return Templates.Render("IlgpuLines", new ScriptObject { ["line"] = line }).TrimEnd();
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
                .Where(reduction => plan.Reductions[reduction].Phase == phase
                    && plan.Reductions[reduction].Into == Level.Uniform)
                .Select(reduction => new ScriptObject
                {
                    ["index"] = reduction,
                    ["text"] = IlgpuModel.Finished(plan, reduction),
                })),
            ["earlier"] = new ScriptArray(
                kernel.Ops.Where(op => op.Code == OpCode.Reduce && plan.Reductions[op.Index].Phase < phase)
                    .Select(op => op.Index).Distinct()),
            ["result_slot"] = plan.Uniforms.Count,
            ["uniforms"] = KernelModel.Uniforms(plan, names, kernel),
            ["statements"] = new ScriptArray(text.Statements),
            ["values"] = new ScriptArray(kernel.Terms.Select(term => new ScriptObject
            {
                ["slot"] = term.Reduction,
                ["text"] = text.Marked(term.Value),
            })),
        };
        return Templates.Render("IlgpuFinish", model).TrimEnd();
    }
}
