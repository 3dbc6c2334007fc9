using Requant.Generator.Support;

namespace Requant.Generator.Ir;

/// <summary>A rule's body as a list of operations in order of computation: every operand stands before its use, a
/// branch is a <see cref="OpCode.Select"/>, an inlined helper has left no trace.</summary>
/// <param name="Ops">The operations.</param>
/// <param name="NewParameter">Position of the parameter's new value.</param>
/// <param name="NewStates">Position of each state's new value.</param>
/// <param name="NewTensorStates">Position of each tensor state's new value.</param>
/// <param name="NewLineStates">Position of each row or column state's new value.</param>
internal sealed record KernelIr(
    EquatableArray<IrOp> Ops, int NewParameter, EquatableArray<int> NewStates, EquatableArray<int> NewTensorStates,
    EquatableArray<int> NewLineStates)
{
    /// <summary>Everything that the rule leaves behind.</summary>
    public IEnumerable<int> Results => new[] { NewParameter }.Concat(NewStates).Concat(NewTensorStates)
        .Concat(NewLineStates);

    /// <summary>The operations as the host sees them, which computes nothing of what lies behind a reduction: kernels
    /// do.</summary>
    public IReadOnlyList<IrOp> HostOps => [.. Ops.Select(op => op.IsReduced ? op with { Operands = default } : op)];

    /// <summary>The same without operations that nothing needs, so that what has no effect does not show in a rule's
    /// hash.</summary>
    public KernelIr WithoutUnused()
    {
        (EquatableArray<IrOp> ops, int[] results) = Liveness.Compact(Ops, [.. Results]);
        return new KernelIr(
            ops,
            results[0],
            results.Skip(1).Take(NewStates.Count).ToEquatableArray(),
            results.Skip(1 + NewStates.Count).Take(NewTensorStates.Count).ToEquatableArray(),
            results.Skip(1 + NewStates.Count + NewTensorStates.Count).ToEquatableArray());
    }
}
