using Requant.Generator.Analyze;
using Requant.Generator.Support;
using Scriban.Runtime;

namespace Requant.Generator.Emit;

/// <summary>What every generated file begins with.</summary>
internal static class FileText
{
    public const string Version = "0.1.0";

    public static ScriptObject Model(KernelPlan plan, KernelNames names) => new()
    {
        ["name"] = plan.Rule.TypeName,
        ["namespace"] = plan.Rule.Namespace,
        ["version"] = Version,
        ["source"] = new ScriptArray(plan.Rule.Source.Split('\n')),
        ["exactness"] = plan.Rule.IsFast
            ? "Precision.Fast: multiplications may be fused with additions, divisions and square roots approximated."
            : "Precision.Exact: every operation is rounded as the rule is written.",
        ["parameter_name"] = names.Parameter,
        ["gradient_name"] = names.Gradient,
        ["generic"] = names.Generic,
        ["codecs"] = new ScriptArray(names.Codecs),
    };
}
