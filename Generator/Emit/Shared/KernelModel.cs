using Requant.Generator.Ir;
using Requant.Generator.Lower;
using Requant.Generator.Plan;
using Requant.Generator.Support;
using Scriban.Runtime;

namespace Requant.Generator.Emit.Shared;

/// <summary>One kernel as every backend's templates see it, so that they hold loops, loads and stores only. What one
/// backend alone needs, its emitter adds.</summary>
internal sealed class KernelModel
{
    private readonly KernelPlan _plan;

    /// <summary>One kernel.</summary>
    /// <param name="plan">Its plan.</param>
    /// <param name="names">The plan's names.</param>
    /// <param name="variant">The variant that it is of.</param>
    /// <param name="kernel">What it computes.</param>
    /// <param name="method">Its name.</param>
    /// <param name="syntax">How the backend writes operations.</param>
    public KernelModel(
        KernelPlan plan, KernelNames names, Variant variant, Kernel kernel, string method, IOpSyntax syntax)
    {
        _plan = plan;
        Kernel = kernel;
        Text = new KernelText(plan, names, Kernel, syntax);
        States = [.. Enumerable.Range(0, plan.Rule.States.Count)
            .Where(state => Kernel.ReadsState(state) || Kernel.WritesState(state))
            .Select(state => (state, State(names, state)))];
        Terms = [.. Kernel.Terms.Select((term, index) => (term, Term(term, index)))];
        Inputs = [.. InputsOf(plan, names, Kernel)];
        Object = new ScriptObject
        {
            ["method"] = method,
            ["element"] = method + "Element",
            ["variant"] = variant.Description,
            ["writes"] = Kernel.Writes,
            ["writes_parameter"] = Kernel.WritesParameter,
            ["reads_parameter"] = Kernel.ReadsParameter,
            ["reads_gradient"] = Kernel.Ops.Any(op => op.Code == OpCode.Gradient),
            ["statements"] = new ScriptArray(Text.Statements),
            ["new_parameter"] = Kernel.Writes ? Text.Marked(Kernel.NewParameter) : "",
            ["uniforms"] = Uniforms(plan, names, Kernel),
            ["states"] = new ScriptArray(States.Select(state => state.Object)),
            ["inputs"] = new ScriptArray(Inputs.Select(input => input.Object)),
            ["terms"] = new ScriptArray(Terms.Select(term => term.Object)),
        };
    }

    public Kernel Kernel { get; }

    public KernelText Text { get; }

    /// <summary>What templates see.</summary>
    public ScriptObject Object { get; }

    /// <summary>States that the kernel reads or writes.</summary>
    public IReadOnlyList<(int State, ScriptObject Object)> States { get; }

    /// <summary>What it takes that is neither the element's nor uniform.</summary>
    public IReadOnlyList<(string Kind, int Index, ScriptObject Object)> Inputs { get; }

    /// <summary>What it takes from each element for its reductions.</summary>
    public IReadOnlyList<(Term Term, ScriptObject Object)> Terms { get; }

    /// <summary>States that the kernel writes; none in a pass that reduces.</summary>
    public IEnumerable<int> Written =>
        Kernel.Writes ? States.Select(state => state.State).Where(Kernel.WritesState) : [];

    /// <summary>Whether a term's reduction is the largest value; otherwise it is a sum.</summary>
    public bool IsMax(Term term) => term.Matrix < 0 && _plan.Reductions[term.Reduction].Kind == "Max";

    /// <summary>Whether a term is 1 of each element: its sum counts those that take part.</summary>
    public bool IsCount(Term term) => ReductionOf(term) is { IsCount: true };

    /// <summary>A term's reduction; null for an element of a matrix.</summary>
    public Reduction? ReductionOf(Term term) => term.Matrix < 0 ? _plan.Reductions[term.Reduction] : null;

    /// <summary>Name of a kernel's method: <c>Update</c>, or <c>ReducePhase0</c> for a pass that reduces, and the
    /// conditions that it is for.</summary>
    public static string MethodName(Variant variant, int phase) =>
        (variant.Phases[phase].Writes ? "Update" : "ReducePhase" + Literals.Int(phase)) + variant.Name;

    /// <summary>Names of all methods that the kernels of a plan consist of.</summary>
    public static IEnumerable<string> MethodNames(KernelPlan plan) =>
        from variant in Enumerable.Range(0, plan.Variants.Count)
        from phase in Enumerable.Range(0, plan.PhaseCount)
        where !plan.Variants[variant].Phases[phase].IsEmpty
        let method = MethodName(plan.Variants[variant], phase)
        from name in VariantName.Parts.Select(part => method + part).Append(method).Append(FinishName(phase))
            .Concat(plan.IsElementwise ? [] : ReduceNames(plan.Variants[variant], phase))
        select name;

    /// <summary>Name of a device's kernel that reduces elements into rows or columns: as in
    /// <c>ReduceRowsPhase0</c>.</summary>
    public static string ReduceName(Variant variant, int phase, Level into) =>
        $"Reduce{into}sPhase{Literals.Int(phase)}{variant.Name}";

    private static IEnumerable<string> ReduceNames(Variant variant, int phase) =>
        from level in new[] { Level.Row, Level.Column }
        let method = ReduceName(variant, phase, level)
        from name in new[] { method, method + "Element" }
        select name;

    /// <summary>Name of what computes values of a phase's reductions on a device.</summary>
    public static string FinishName(int phase) => "FinishPhase" + Literals.Int(phase);

    /// <summary>All kernels of a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="names">Its names.</param>
    /// <param name="syntax">How the backend writes operations.</param>
    public static IEnumerable<KernelModel> Of(KernelPlan plan, KernelNames names, IOpSyntax syntax) =>
        from variant in plan.Variants
        from phase in Enumerable.Range(0, plan.PhaseCount)
        where !variant.Phases[phase].IsEmpty
        select new KernelModel(plan, names, variant, variant.Phases[phase], MethodName(variant, phase), syntax);

    /// <summary>The values computed once per tensor and step that a kernel uses.</summary>
    public static ScriptArray Uniforms(KernelPlan plan, KernelNames names, Kernel kernel) => new(
        Enumerable.Range(0, plan.Uniforms.Count)
            .Where(slot => kernel.Ops.Any(op => op.Code == OpCode.Uniform && op.Index == slot))
            .Select(slot => new ScriptObject
            {
                ["name"] = names.Uniforms[slot]
                    + LineMarks.Of(LineMarks.OfHostValue(plan.Rule.Body, plan.Uniforms[slot].Value)),
                ["slot"] = slot,
                ["comment"] = Comment(plan.Rule, plan.Uniforms[slot], names.Uniforms[slot]),
            }));

    /// <summary>What a kernel takes that is neither the element's nor uniform.</summary>
    public static IEnumerable<(string Kind, int Index, ScriptObject Object)> InputsOf(
        KernelPlan plan, KernelNames names, Kernel kernel)
    {
        (OpCode Code, string Kind, IReadOnlyList<string> Names)[] kinds =
        [
            (OpCode.RowValue, "Row", names.Rows), (OpCode.ColumnValue, "Column", names.Columns),
            (OpCode.MatrixValue, "Matrix", names.Matrices),
        ];
        return from kind in kinds
            from index in Enumerable.Range(0, kind.Names.Count)
            let input = kernel.Ops.FirstOrDefault(op => op.Code == kind.Code && op.Index == index)
            where input is not null
            let name = kind.Names[index]
            select (kind.Kind, index, new ScriptObject
            {
                ["kind"] = kind.Kind,
                ["index"] = index,
                ["name"] = name.Marked(input.Line),
                ["values"] = names.Inputs[name],
            });
    }

    /// <summary>What a uniform value is, to stand behind its line; empty where its name says that.</summary>
    private static string Comment(RuleModel rule, UniformSlot slot, string name)
    {
        string text = HostText.Brief(rule, slot.Value);
        return text == name ? "" : " // " + text;
    }

    /// <summary>The line that a state is declared on.</summary>
    public int LineOf(int state) => FileText.LineOf(_plan, OpCode.OldState, state);

    private ScriptObject State(KernelNames names, int state) => new()
    {
        ["index"] = state,
        ["name"] = names.States[state].Marked(LineOf(state)),
        ["codec"] = names.Codecs[state],
        ["tail"] = names.Tails[state].Marked(LineOf(state)),
        ["absmax"] = names.Maxima[state].Marked(LineOf(state)),
        ["reads"] = Kernel.ReadsState(state),
        ["writes"] = Kernel.WritesState(state),
        // A new value that is still an expression of inputs must be kept aside before one of them is assigned.
        ["is_overwritten"] = Kernel.WritesState(state) && Text.ReadsInputs(Kernel.NewStates[state]),
        ["new_value"] = Kernel.Writes ? Text.Marked(Kernel.NewStates[state]) : "",
    };

    private ScriptObject Term(Term term, int index) => new()
    {
        ["index"] = index,
        ["reduction"] = term.Reduction,
        ["matrix"] = term.Matrix,
        ["is_norm"] = ReductionOf(term)?.Kind == "Norm",
        ["nothing"] = term.Matrix >= 0 ? "float.NaN" : IsMax(term) ? "float.NegativeInfinity" : "0f",
        ["value"] = Text.Marked(term.Value),
    };
}
