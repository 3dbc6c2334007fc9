using Requant.Generator.Analyze;
using Requant.Generator.Ir;
using Scriban.Runtime;

namespace Requant.Generator.Emit.Ilgpu;

/// <summary>Kernels for ILGPU accelerators. Functions that ILGPU lacks or computes otherwise than C# come from
/// <c>DeviceMath</c>.</summary>
internal static class IlgpuEmitter
{
    private static readonly ElementSyntax Syntax = new(new Dictionary<OpCode, string>(
        ElementFunctions.In(exact: "DeviceMath", others: "DeviceMath"))
    {
        [OpCode.Abs] = "MathF",
        [OpCode.Sqrt] = "MathF",
    });

    public static string Emit(KernelPlan plan)
    {
        var names = new KernelNames(plan);
        ScriptObject model = FileText.Model(plan, names);
        model["type_parameters"] = new ScriptArray(KernelNames.ElementTypes.Concat(names.Codecs));
        model["kernels"] = KernelModel.Kernels(plan, names, Syntax);
        return Templates.Render("Ilgpu", model);
    }
}
