using Requant.Generator.Emit.Shared;
using Requant.Generator.Plan;
using Scriban.Runtime;

namespace Requant.Generator.Emit.Scalar;

/// <summary>Kernels that take one element at a time: the definition of the rule, and the tails of the
/// vector kernels.</summary>
internal static class ScalarEmitter
{
    private static readonly ElementSyntax Syntax = new(operation => operation.Scalar);

    public static string Emit(KernelPlan plan)
    {
        var names = new KernelNames(plan);
        ScriptObject model = FileText.Model(plan, names);
        model["kernels"] = new ScriptArray(KernelModel.Of(plan, names, Syntax).Select(kernel =>
        {
            CpuModel.Add(kernel, names);
            // Whether an element's new states are finite, or may be anything.
            kernel.Object["takes"] = string.Join(
                " && ",
                kernel.Written.Select(state => $"tensor.IsUpdated({kernel.Text.Of(kernel.Kernel.NewStates[state])})"));
            return kernel.Object;
        }));
        model["lines"] = LinesModel.Of(plan, names, Syntax);
        return KernelFile.Render("Scalar", model, isFirst: true);
    }
}
