using Requant.Generator.Plan;
using Requant.Generator.Support;

namespace Requant.Generator.Emit.Shared;

/// <summary>Identifiers of a rule's inputs in its kernels: the author's own wherever the skeletons
/// leave them free.</summary>
internal sealed class KernelNames
{
    /// <summary>Names that the skeletons use.</summary>
    private static readonly string[] Skeleton =
    [
        "tensor", "range", "block", "length", "index", "parameters", "gradients", "start", "end", "lane",
        "stored0", "stored1", "stored2", "stored3", "state0", "state1", "state2", "state3", "skipped", "updated",
        "round", "rounds", "segment", "launch", "launchBlock", "prefetch", "nonFinite", "table0", "table1", "table2",
        "table3", "zero", "Scalar", "oldParameters", "isTaken", "first",
        "blockLines", "launchLines", "launchLine", "strip", "rowMask",
    ];

    /// <summary>The same, with the number of a reduction behind it.</summary>
    private static readonly string[] SkeletonPerReduction =
        ["terms", "value", "fold", "whole", "reduction", "partials"];

    /// <summary>Type parameters of device kernels for the elements of the parameter and of the gradient.</summary>
    public static readonly IReadOnlyList<string> ElementTypes = ["TParameter", "TGradient"];

    private readonly NameScope _scope;
    private readonly NameScope _types = new(["T", .. ElementTypes]);

    public KernelNames(KernelPlan plan)
    {
        Codecs = [.. plan.Rule.States.Select(state => _types.Take("T" + Names.Pascal(state.Name)))];
        IEnumerable<string> perReduction = Enumerable.Range(0, plan.Reductions.Count + plan.Matrices.Count)
            .SelectMany(reduction => SkeletonPerReduction.Select(name => name + Literals.Int(reduction)));
        _scope = new NameScope([.. Skeleton, .. perReduction, .. KernelTypes.SimpleNames, .. ElementTypes, .. Codecs,
            .. KernelModel.MethodNames(plan)]);
        Parameter = _scope.Take(plan.Rule.ParameterName);
        Gradient = _scope.Take(plan.Rule.GradientName);
        States = [.. plan.Rule.States.Select(state => _scope.Take(state.Name))];
        Blocks = [.. plan.Rule.States.Select(state => _scope.Take(state.Name + "Block"))];
        Tails = [.. plan.Rule.States.Select(state => _scope.Take(state.Name + "Tail"))];
        Maxima = [.. plan.Rule.States.Select(state => _scope.Take(state.Name + "Absmax"))];
        Values = [.. plan.Rule.States.Select(state => _scope.Take(state.Name + "Values"))];
        InverseAbsmax = [.. plan.Rule.States.Select(state => _scope.Take(state.Name + "InverseAbsmax"))];
        Inverses = [.. plan.Rule.States.Select(state => _scope.Take(state.Name + "Inverse"))];
        Largest = [.. plan.Rule.States.Select(state => _scope.Take(state.Name + "Largest"))];
        OldMaxima = [.. plan.Rule.States.Select(state => _scope.Take(state.Name + "OldAbsmax"))];
        Uniforms = [.. plan.Uniforms.Select(uniform => _scope.Take(uniform.Name))];
        Rows = [.. plan.Rows.Select(row => _scope.Take(row.Name))];
        Columns = [.. plan.Columns.Select(column => _scope.Take(column.Name))];
        Matrices = [.. plan.Matrices.Select(_ => _scope.Take("orthogonal"))];
        Inputs = Rows.Concat(Columns).Concat(Matrices)
            .ToDictionary(name => name, name => _scope.Take(name.TrimStart('@') + "Values"));
    }

    /// <summary>A value of a row, a column or a matrix, where it is one of an element.</summary>
    public IReadOnlyList<string> Rows { get; }

    public IReadOnlyList<string> Columns { get; }

    public IReadOnlyList<string> Matrices { get; }

    /// <summary>Names of a block's such values, by those of one.</summary>
    public IReadOnlyDictionary<string, string> Inputs { get; }

    public string Parameter { get; }

    public string Gradient { get; }

    public IReadOnlyList<string> States { get; }

    /// <summary>The open block of each state.</summary>
    public IReadOnlyList<string> Blocks { get; }

    /// <summary>Each state's value in the loop over a block's last elements.</summary>
    public IReadOnlyList<string> Tails { get; }

    /// <summary>Each state's values in the loop over a block's vectors.</summary>
    public IReadOnlyList<string> Values { get; }

    /// <summary>The largest magnitudes of each state so far in the loop over a block's vectors.</summary>
    public IReadOnlyList<string> Largest { get; }

    /// <summary>1 over each state's new absmax on a device, for elements one by one.</summary>
    public IReadOnlyList<string> InverseAbsmax { get; }

    /// <summary>The same for a whole block.</summary>
    public IReadOnlyList<string> Inverses { get; }

    /// <summary>Each state's new absmax: on a device, and as a vector from the loop over a block's vectors.</summary>
    public IReadOnlyList<string> Maxima { get; }

    /// <summary>Each state's old absmax on a device.</summary>
    public IReadOnlyList<string> OldMaxima { get; }

    /// <summary>The type parameter for each state's codec: <c>TM</c> for <c>m</c>.</summary>
    public IReadOnlyList<string> Codecs { get; }

    public IReadOnlyList<string> Uniforms { get; }

    /// <summary>Type parameters as in <c>&lt;TM, TV&gt;</c>; empty for a rule without states.</summary>
    public string Generic => Codecs.Count == 0 ? "" : $"<{string.Join(", ", Codecs)}>";

    /// <summary>A scope for the local variables of one kernel.</summary>
    public NameScope Locals() => _scope.Copy();
}
