using Requant.Generator.Ir;
using Requant.Generator.Plan;
using Requant.Generator.Support;
using Scriban.Runtime;

namespace Requant.Generator.Emit.Shared;

/// <summary>What the processor's kernels have in common, of one lane and of many: a block's states are decoded to
/// memory before the loop over its elements and encoded behind it.</summary>
internal static class CpuModel
{
    /// <summary>The most blocks of scratch memory that a kernel of a plan takes beside those of states.</summary>
    public static int ScratchSlots(KernelPlan plan) => plan.Variants
        .SelectMany(variant => variant.Phases)
        .Max(kernel => kernel.Terms.Count + kernel.LinesInUse(Level.Row).Distinct().Count()
            + kernel.LinesInUse(Level.Column).Distinct().Count());

    public static void Add(KernelModel kernel, KernelNames names)
    {
        foreach ((int state, ScriptObject model) in kernel.States)
        {
            model["block"] = names.Blocks[state];
        }

        int slot = 0;
        foreach ((Term term, ScriptObject model) in kernel.Terms)
        {
            model["open"] = term.Matrix >= 0
                ? $"tensor.OpenMatrix({Literals.Int(term.Matrix)}, block)"
                : Scratch(slot);
            model["close"] = Close(kernel, term, Literals.Int(slot++));
        }

        foreach ((string kind, int index, ScriptObject model) in kernel.Inputs)
        {
            string number = Literals.Int(index);
            model["open"] = kind == "Matrix"
                ? $"tensor.OpenMatrix({number}, block)"
                : $"tensor.Open{kind}({number}, block, length, ref {Scratch(slot++)})";
        }
    }

    private static string Scratch(int slot) => $"range.Scratch(KernelArguments.MaxStates + {Literals.Int(slot)})";

    /// <summary>What becomes of a block's terms.</summary>
    private static string Close(KernelModel kernel, Term term, string slot)
    {
        string fold = kernel.IsMax(term) ? "Max" : "Sum";
        string arguments = $"{Literals.Int(term.Reduction)}, block, length, ref terms{slot}";
        return kernel.ReductionOf(term)?.Into switch
        {
            null => "",
            Level.Row => $"tensor.SetRows{fold}({arguments}, in range);",
            Level.Column => $"tensor.AddColumns{fold}({arguments}, in range);",
            _ => $"tensor.SetPartial({Literals.Int(term.Reduction)}, block, Block{fold}.Fold(ref terms{slot}, length));",
        };
    }
}
