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
        [OpCode.Select] = "DeviceMath",
    });

    public static string Emit(KernelPlan rule)
    {
        KernelPlan plan = HiddenConstants.In(rule);
        var names = new KernelNames(plan);
        ScriptObject model = FileText.Model(plan, names);
        model["type_parameters"] = new ScriptArray(KernelNames.ElementTypes.Concat(names.Codecs));
        model["first_index"] = plan.HasTiles ? "segment + DeviceGrid.Lane" : "DeviceGrid.Lane";
        model["end_index"] = plan.HasTiles ? "end" : "length";
        model.Import("deeper", new Func<string, string>(Deeper));
        model["kernels"] = KernelModel.Kernels(plan, names, Syntax);
        return Templates.Render("Ilgpu", model);
    }

    /// <summary>Lines of a loop, one level further in.</summary>
    private static string Deeper(string lines) => string.Concat(
        lines.TrimEnd('\n').Split('\n').Select(line => line.Length == 0 ? "\n" : "    " + line + "\n"));
}
