using Requant.Generator.Emit.Shared;
using Requant.Generator.Ir;
using Requant.Generator.Plan;
using Requant.Generator.Support;
using Scriban.Runtime;

namespace Requant.Generator.Emit.Ilgpu;

/// <summary>What kernels on a device need beside what every kernel needs.</summary>
internal static class IlgpuModel
{
    public static void Add(KernelPlan plan, KernelNames names, KernelModel model)
    {
        Kernel kernel = model.Kernel;
        bool isTakenWhole = KernelLength.IsTakenWhole(kernel);
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

        foreach ((Term term, ScriptObject one) in model.Terms)
        {
            one["fold"] = model.IsMax(term) ? "DeviceMaxFold" : "DeviceFold";
        }
    }

    private static void AddState(KernelPlan plan, KernelNames names, KernelModel model, int state, ScriptObject own)
    {
        // The table of the first state with the same codec serves both.
        int table =
            model.States.First(other => plan.Rule.States[other.State].Codec == plan.Rule.States[state].Codec).State;
        own["table"] = "table" + Literals.Int(table);
        own["opens_table"] = table == state;
        own["values"] = names.Values[state];
        own["inverse_absmax"] = names.InverseAbsmax[state];
        own["inverse"] = names.Inverses[state];
        own["largest"] = names.Largest[state];
        own["old_absmax"] = names.OldMaxima[state];
    }

    /// <summary>What tells, in all lanes alike, that a block's gradients and new states are finite.</summary>
    private static string Usual(KernelNames names, KernelModel model)
    {
        string[] largest = [.. model.Written.Select(state => names.Largest[state])];
        return largest.Length == 0 ? "DeviceWarp.Max(nonFinite) == 0u"
            : $"{largest.Aggregate((all, one) => $"IntrinsicMath.Max({all}, {one})")} < DeviceMath.Infinity";
    }
}
