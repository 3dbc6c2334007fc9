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
            ["kernels"] = new ScriptArray(
                KernelModel.Of(plan, names, new SimdSyntax(bits)).Select(kernel => WithOwn(kernel, names))),
        }));
        return KernelFile.Render("Simd", model);
    }

    private static ScriptObject WithOwn(KernelModel kernel, KernelNames names)
    {
        CpuModel.Add(kernel, names);
        ScriptObject model = kernel.Object;
        // Whether the new states of a block's whole vectors are finite, or may be anything.
        model["takes"] = string.Join(
            " && ", kernel.Written.Select(state => $"tensor.IsUpdated({names.Maxima[state]})"));
        model["is_restorable"] = kernel.Kernel.WritesParameter && kernel.Written.Any();
        model["new_parameter_receiver"] = kernel.Kernel.Writes
            ? kernel.Text.ReceiverOf(kernel.Kernel.NewParameter)
            : "";
        foreach ((int state, ScriptObject own) in kernel.States)
        {
            own["values"] = names.Values[state].Marked(kernel.LineOf(state));
            own["largest"] = names.Largest[state].Marked(kernel.LineOf(state));
            own["new_value_receiver"] = kernel.Kernel.Writes
                ? kernel.Text.ReceiverOf(kernel.Kernel.NewStates[state])
                : "";
        }

        int[] sources = CpuModel.Sources(kernel);
        for (int i = 0; i < sources.Length; i++)
        {
            (Term term, ScriptObject own) = kernel.Terms[i];
            own["receiver"] = kernel.Text.ReceiverOf(term.Value);
            own["is_stored"] = sources[i] == i;
        }

        // What is folded is overwritten, and comes last.
        model["closes"] = new ScriptArray(Enumerable.Range(0, sources.Length)
            .OrderBy(i => CpuModel.IsFolded(kernel, kernel.Terms[i].Term))
            .Select(i => CpuModel.Close(kernel, kernel.Terms[i].Term, sources[i]))
            .Where(text => text.Length > 0));
        model["stored_terms"] = new ScriptArray(kernel.Terms
            .Where((_, index) => sources[index] == index).Select(term => term.Object));

        return model;
    }
}
