using Requant.Generator.Plan;
using Requant.Generator.Ir;
using Requant.Generator.Support;
using Scriban.Runtime;

namespace Requant.Generator.Emit.Shared;

/// <summary>One kernel as the templates see it. Built by each emitter from the same parts, so that templates hold loops,
/// loads and stores only.</summary>
internal static class KernelModel
{
    /// <summary>Name of a kernel's method: <c>Update</c>, or <c>ReducePhase0</c> for a pass that reduces, and the conditions that it is
    /// for.</summary>
    public static string MethodName(Variant variant, int phase) =>
        (variant.Phases[phase].Writes ? "Update" : "ReducePhase" + Literals.Int(phase)) + variant.Name;

    /// <summary>Names of all methods that the kernels of a plan consist of.</summary>
    public static IEnumerable<string> MethodNames(KernelPlan plan) =>
        from variant in Enumerable.Range(0, plan.Variants.Count)
        from phase in Enumerable.Range(0, plan.PhaseCount)
        where !plan.Variants[variant].Phases[phase].IsEmpty
        let method = MethodName(plan.Variants[variant], phase)
        from name in new[] { method, method + "Block", method + "Element", method + "Vectors", FinishName(phase) }
        select name;

    /// <summary>Name of what computes values of a phase's reductions on a device.</summary>
    public static string FinishName(int phase) => "FinishPhase" + Literals.Int(phase);

    /// <summary>All kernels of a plan with what every backend's template needs.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="names">Its names.</param>
    /// <param name="syntax">How the backend writes operations.</param>
    /// <param name="addOwn">Adds what the backend alone needs to a kernel's model.</param>
    public static ScriptArray Kernels(KernelPlan plan, KernelNames names, IOpSyntax syntax, Action<ScriptObject, Kernel>? addOwn = null)
    {
        var kernels = new ScriptArray();
        for (int variant = 0; variant < plan.Variants.Count; variant++)
        {
            for (int phase = 0; phase < plan.PhaseCount; phase++)
            {
                Kernel kernel = plan.Variants[variant].Phases[phase];
                if (!kernel.IsEmpty)
                {
                    ScriptObject model = Model(plan, names, plan.Variants[variant], kernel, MethodName(plan.Variants[variant], phase),
                        new KernelText(plan, names, kernel, syntax));
                    addOwn?.Invoke(model, kernel);
                    kernels.Add(model);
                }
            }
        }

        return kernels;
    }

    /// <summary>The values computed once per tensor and step that a kernel uses.</summary>
    public static ScriptArray Uniforms(KernelPlan plan, KernelNames names, Kernel kernel) => new(
        Enumerable.Range(0, plan.Uniforms.Count)
            .Where(slot => kernel.Ops.Any(op => op.Code == OpCode.Uniform && op.Index == slot))
            .Select(slot => new ScriptObject { ["name"] = names.Uniforms[slot], ["slot"] = slot }));

    private static ScriptObject Model(
        KernelPlan plan, KernelNames names, Variant variant, Kernel kernel, string method, KernelText text) => new()
    {
        ["method"] = method,
        ["element"] = method + "Element",
        ["variant"] = variant.Description,
        ["writes"] = kernel.Writes,
        ["writes_parameter"] = kernel.WritesParameter,
        ["is_new_from_old"] = kernel.Writes
            && Liveness.From(kernel.Ops, [kernel.NewParameter]).Any(value => kernel.Ops[value].Code == OpCode.Parameter),
        ["reads_parameter"] = kernel.ReadsParameter,
        ["reads_gradient"] = kernel.Ops.Any(op => op.Code == OpCode.Gradient),
        ["hides_constants"] = kernel.Ops.Any(op => op.IsOpaque),
        ["statements"] = new ScriptArray(text.Statements),
        ["new_parameter"] = kernel.Writes ? text.Of(kernel.NewParameter) : "",
        ["new_parameter_receiver"] = kernel.Writes ? text.ReceiverOf(kernel.NewParameter) : "",
        ["uniforms"] = Uniforms(plan, names, kernel),
        ["states"] = new ScriptArray(StatesOf(plan, kernel).Select(state => State(plan, names, kernel, state, text))),
        ["is_quantized"] = string.Join(" || ", StatesOf(plan, kernel).Select(state => names.Codecs[state] + ".IsQuantized")),
        ["usual"] = Usual(plan, names, kernel),
        ["first_written"] = StatesOf(plan, kernel).Where(kernel.WritesState).Select(state => names.Codecs[state]).FirstOrDefault() ?? "",
        ["carries_non_finite"] = StatesOf(plan, kernel).Any(state => kernel.WritesState(state) && kernel.CarriesNonFiniteGradient(state)),
        // Whether an element's new states are finite, or may be anything: of one element, of the whole vectors of a block.
        ["takes"] = All(Written(plan, kernel), state => $"tensor.IsUpdated({text.Of(kernel.NewStates[state])})"),
        ["takes_vectors"] = All(Written(plan, kernel), state => $"tensor.IsUpdated({names.Maxima[state]})"),
        ["takes_on_device"] = All(Written(plan, kernel), state => $"TGradient.IsUpdated({names.Tails[state]})"),
        ["is_restorable"] = kernel.WritesParameter && Written(plan, kernel).Any(),
        ["terms"] = new ScriptArray(kernel.Terms.Select((term, index) => new ScriptObject
        {
            ["index"] = index,
            ["reduction"] = term.Reduction,
            ["is_norm"] = plan.Reductions[term.Reduction].Kind == "Norm",
            ["nothing"] = plan.Reductions[term.Reduction].Kind == "Max" ? "float.NegativeInfinity" : "0f",
            ["fold"] = plan.Reductions[term.Reduction].Kind == "Max" ? "BlockMax" : "BlockSum",
            ["device_fold"] = plan.Reductions[term.Reduction].Kind == "Max" ? "DeviceMaxFold" : "DeviceFold",
            ["value"] = text.Of(term.Value),
            ["receiver"] = text.ReceiverOf(term.Value),
        })),
    };

    /// <summary>States that a kernel reads or writes.</summary>
    private static IEnumerable<int> StatesOf(KernelPlan plan, Kernel kernel) => Enumerable.Range(0, plan.Rule.States.Count)
        .Where(state => kernel.ReadsState(state) || kernel.WritesState(state));

    /// <summary>What tells a device, in all lanes alike, that a block's gradients and new states are finite.</summary>
    private static string Usual(KernelPlan plan, KernelNames names, Kernel kernel)
    {
        string[] largest = [.. Written(plan, kernel).Select(state => names.Largest[state])];
        return largest.Length == 0 ? "DeviceWarp.Max(nonFinite) == 0u"
            : $"{largest.Aggregate((all, one) => $"IntrinsicMath.Max({all}, {one})")} < DeviceMath.Infinity";
    }

    /// <summary>States that a kernel writes; none in a pass that reduces.</summary>
    private static IEnumerable<int> Written(KernelPlan plan, Kernel kernel) =>
        kernel.Writes ? StatesOf(plan, kernel).Where(kernel.WritesState) : [];

    private static string All(IEnumerable<int> states, Func<int, string> condition) => string.Join(" && ", states.Select(condition));

    /// <summary>The first state of a kernel with the same codec, whose table on a device serves both.</summary>
    private static int TableOf(KernelPlan plan, Kernel kernel, int state) =>
        StatesOf(plan, kernel).First(other => plan.Rule.States[other].Codec == plan.Rule.States[state].Codec);

    private static ScriptObject State(KernelPlan plan, KernelNames names, Kernel kernel, int state, KernelText text) => new()
    {
        ["index"] = state,
        ["name"] = names.States[state],
        ["codec"] = names.Codecs[state],
        ["block"] = names.Blocks[state],
        ["table"] = "table" + Literals.Int(TableOf(plan, kernel, state)),
        ["opens_table"] = TableOf(plan, kernel, state) == state,
        ["tail"] = names.Tails[state],
        ["absmax"] = names.Maxima[state],
        ["values"] = names.Values[state],
        ["inverse_absmax"] = names.InverseAbsmax[state],
        ["inverse"] = names.Inverses[state],
        ["largest"] = names.Largest[state],
        ["old_absmax"] = names.OldMaxima[state],
        ["reads"] = kernel.ReadsState(state),
        ["writes"] = kernel.WritesState(state),
        // A new value that is still an expression of inputs must be kept aside before one of them is assigned.
        ["is_overwritten"] = kernel.WritesState(state) && text.ReadsInputs(kernel.NewStates[state]),
        ["new_value"] = kernel.Writes ? text.Of(kernel.NewStates[state]) : "",
        ["new_value_receiver"] = kernel.Writes ? text.ReceiverOf(kernel.NewStates[state]) : "",
    };
}
