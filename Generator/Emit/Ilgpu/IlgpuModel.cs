using Requant.Generator.Emit.Shared;
using Requant.Generator.Ir;
using Requant.Generator.Plan;
using Requant.Generator.Support;
using Scriban.Runtime;

namespace Requant.Generator.Emit.Ilgpu;

/// <summary>What kernels on a device need beside what every kernel needs.</summary>
internal static class IlgpuModel
{
    /// <summary>Whether whole blocks stay in registers: what is to be loaded for each element is the element's
    /// alone.</summary>
    public static bool IsTakenWhole(Kernel kernel, Variant variant) =>
        variant.IsElementwise && KernelLength.IsTakenWhole(kernel);

    /// <summary>What finishes a reduction to one value.</summary>
    public static string Finished(KernelPlan plan, int reduction)
    {
        Reduction one = plan.Reductions[reduction];
        string number = Literals.Int(reduction);
        if (one.Over == Level.Element)
        {
            return $"DeviceReduction.{one.Kind}(tensor, {number}, zero)";
        }

        string values = Literals.Int(ValueNumber(plan, one.Over.ToString(), one.Slot));
        return $"DeviceLineReduction.{one.Kind}(tensor, tensor.Values({values}), tensor.{one.Over}Count, "
            + $"tensor.Values({Literals.Int(PartialsNumber(plan, reduction))}), zero)";
    }

    /// <summary>What a kernel of rows or columns needs beside what every backend's needs.</summary>
    public static void AddLines(KernelPlan plan, ScriptObject line)
    {
        var level = (string)line["level"]!;
        foreach (ScriptObject input in ((ScriptArray)line["inputs"]!).Cast<ScriptObject>())
        {
            input["number"] = ValueNumber(plan, level, (int)input["index"]!);
        }

        foreach (ScriptObject value in ((ScriptArray)line["values"]!).Cast<ScriptObject>())
        {
            value["number"] = ValueNumber(plan, level, (int)value["slot"]!);
        }
    }

    public static void Add(KernelPlan plan, KernelNames names, KernelModel model, Variant variant)
    {
        Kernel kernel = model.Kernel;
        bool isTakenWhole = IsTakenWhole(kernel, variant);
        ScriptObject own = model.Object;
        own["is_taken_whole"] = isTakenWhole;
        // Kernels of float32 states wait for memory with enough warps; whether states are is known where a kernel
        // is compiled.
        own["is_prefetched"] = isTakenWhole && model.States.Count > 0;
        own["is_quantized"] = string.Join(
            " || ", model.States.Select(state => names.Codecs[state.State] + ".IsQuantized"));
        own["hides_constants"] = kernel.Ops.Any(op => op.IsOpaque);
        own["is_new_from_old"] = kernel.Writes
            && Liveness.From(kernel.Ops, [kernel.NewParameter])
                .Any(value => kernel.Ops[value].Code == OpCode.Parameter);
        own["usual"] = Usual(names, model);
        own["first_written"] = model.Written.Select(state => names.Codecs[state]).FirstOrDefault() ?? "";
        own["carries_non_finite"] = model.Written.Any(kernel.CarriesNonFiniteGradient);
        // Whether an element's new states are finite, or may be anything.
        own["takes"] = string.Join(" && ", model.Written.Select(state => $"TGradient.IsUpdated({names.Tails[state]})"));
        foreach ((int state, ScriptObject one) in model.States)
        {
            AddState(plan, names, model, state, one);
        }

        own["may_be_skipped"] = kernel.Writes && !variant.IsElementwise;
        own["reads_lines"] = model.Inputs.Any(input => input.Kind != "Matrix");
        foreach ((string kind, int index, ScriptObject one) in model.Inputs)
        {
            one["number"] = ValueNumber(plan, kind, index);
        }

        foreach ((Term term, ScriptObject one) in model.Terms)
        {
            one["fold"] = model.IsMax(term) ? "DeviceMaxFold" : "DeviceFold";
            one["is_max"] = model.IsMax(term);
            one["is_matrix"] = term.Matrix >= 0;
            one["number"] = term.Matrix >= 0
                ? ValueNumber(plan, "Matrix", term.Matrix)
                : PartialsNumber(plan, term.Reduction);
            one["is_by_block"] = term.Matrix < 0 && plan.Reductions[term.Reduction].Into == Level.Uniform;
        }
    }

    /// <summary>The number by which a device finds values of rows or columns, or a matrix:
    /// <c>DeviceTensor.Values</c>.</summary>
    private static int ValueNumber(KernelPlan plan, string kind, int index) => kind switch
    {
        "Row" => index,
        "Column" => plan.Rows.Count + index,
        _ => plan.Rows.Count + plan.Columns.Count + index,
    };

    /// <summary>The number by which it finds the partial results of a reduction.</summary>
    private static int PartialsNumber(KernelPlan plan, int reduction) =>
        plan.Rows.Count + plan.Columns.Count + plan.Matrices.Count + (2 * reduction);

    private static void AddState(KernelPlan plan, KernelNames names, KernelModel model, int state, ScriptObject own)
    {
        // The table of the first state with the same codec serves both.
        int table =
            model.States.First(other => plan.Rule.States[other.State].Codec == plan.Rule.States[state].Codec).State;
        own["table"] = "table" + Literals.Int(table);
        own["opens_table"] = table == state;
        own["values"] = names.Values[state].Marked(model.LineOf(state));
        own["inverse_absmax"] = names.InverseAbsmax[state].Marked(model.LineOf(state));
        own["inverse"] = names.Inverses[state].Marked(model.LineOf(state));
        own["largest"] = names.Largest[state].Marked(model.LineOf(state));
        own["old_absmax"] = names.OldMaxima[state].Marked(model.LineOf(state));
    }

    /// <summary>What tells, in all lanes alike, that a block's gradients and new states are finite.</summary>
    private static string Usual(KernelNames names, KernelModel model)
    {
        string[] largest = [.. model.Written.Select(state => names.Largest[state])];
        return largest.Length == 0 ? "DeviceWarp.Max(nonFinite) == 0u"
            : $"{largest.Aggregate((all, one) => $"IntrinsicMath.Max({all}, {one})")} < DeviceMath.Infinity";
    }
}
