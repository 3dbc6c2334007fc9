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
            model["block"] = names.Blocks[state].Marked(kernel.LineOf(state));
        }

        int slot = 0;
        foreach ((Term term, ScriptObject model) in kernel.Terms)
        {
            model["open"] = term.Matrix >= 0
                ? $"tensor.OpenMatrix({Literals.Int(term.Matrix)}, block)"
                : Scratch(slot);
            model["close"] = Close(kernel, term, slot);
            slot++;
        }

        foreach ((string kind, int index, ScriptObject model) in kernel.Inputs)
        {
            string number = Literals.Int(index);
            model["open"] = kind == "Matrix"
                ? $"tensor.OpenMatrix({number}, block)"
                : $"tensor.Open{kind}({number}, length, ref {Scratch(slot++)}, in range)";

            // In a block of one row there is one value, for a vector at most.
            model["place"] = kind == "Row" ? "index & rowMask" : "index";
        }

        kernel.Object["takes_rows"] = kernel.Inputs.Any(input => input.Kind == "Row");
        kernel.Object["sees_lines"] = kernel.Inputs.Any(input => input.Kind != "Matrix")
            || kernel.Terms.Any(term => kernel.ReductionOf(term.Term)?.Into is Level.Row or Level.Column);
    }

    private static string Scratch(int slot) => $"range.Scratch(KernelArguments.MaxStates + {Literals.Int(slot)})";

    /// <summary>What becomes of a block's terms.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="term">The term.</param>
    /// <param name="source">The one whose memory has its values, or -1 where all elements take part in a
    /// count.</param>
    public static string Close(KernelModel kernel, Term term, int source)
    {
        string function = kernel.IsMax(term) ? "Max"
            : kernel.IsCount(term) && (source < 0 || kernel.ReductionOf(term)?.Into == Level.Column) ? "Count" : "Sum";
        string number = Literals.Int(term.Reduction);
        string terms = source < 0 ? "" : $", ref terms{Literals.Int(source)}";
        return kernel.ReductionOf(term)?.Into switch
        {
            null => "",
            Level.Row => $"tensor.SetRows{function}({number}, block, length{terms}, in range);",
            Level.Column => $"tensor.AddColumns{function}({number}, block, length{terms}, in range);",
            _ when source < 0 => $"tensor.SetCount({number}, block, length);",
            _ => $"tensor.SetPartial({number}, block, Block{function}.Fold(ref terms{Literals.Int(source)}, length));",
        };
    }

    /// <summary>For each term the one whose memory has its values: an earlier one of the same value, as long as at most
    /// one of them is folded, which overwrites them; -1 for a count, of which there is nothing to keep.</summary>
    public static int[] Sources(KernelModel kernel)
    {
        var sources = new int[kernel.Terms.Count];
        for (int i = 0; i < sources.Length; i++)
        {
            Term term = kernel.Terms[i].Term;
            bool IsSame(int other) => sources[other] == other && kernel.Terms[other].Term.Value == term.Value
                && kernel.Terms[other].Term.Matrix < 0
                && IsNorm(kernel, kernel.Terms[other].Term) == IsNorm(kernel, term)
                && !(IsFolded(kernel, term) && Enumerable.Range(0, i)
                    .Any(one => sources[one] == other && IsFolded(kernel, kernel.Terms[one].Term)));
            sources[i] = kernel.IsCount(term) ? -1
                : term.Matrix >= 0 ? i
                : Enumerable.Range(0, i).Where(IsSame).DefaultIfEmpty(i).First();
        }

        return sources;
    }

    /// <summary>Whether taking the sums of a term overwrites its values.</summary>
    public static bool IsFolded(KernelModel kernel, Term term) =>
        !kernel.IsMax(term) && kernel.ReductionOf(term) is { Into: not Level.Column };

    private static bool IsNorm(KernelModel kernel, Term term) => kernel.ReductionOf(term)?.Kind == "Norm";
}
