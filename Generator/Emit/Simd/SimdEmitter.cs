using Requant.Generator.Emit.Shared;
using Requant.Generator.Plan;
using Scriban.Runtime;

namespace Requant.Generator.Emit.Simd;

/// <summary>Kernels on vectors of 512, 256 and 128 bits.</summary>
internal static class SimdEmitter
{
    private const int FloatBits = 32;

    private static readonly int[] Widths = [512, 256, 128];

    public static string Emit(KernelPlan plan)
    {
        var names = new KernelNames(plan);
        ScriptObject model = FileText.Model(plan, names);
        model["widths"] = new ScriptArray(Widths.Select(bits => new ScriptObject
        {
            ["bits"] = bits,
            ["lanes"] = bits / FloatBits,
            ["kernels"] = KernelModel.Kernels(plan, names, new SimdSyntax(bits)),
        }));
        return KernelFile.Render("Simd", model);
    }
}
