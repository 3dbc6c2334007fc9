using Requant.Generator.Emit.Shared;
using Requant.Generator.Ir;
using Requant.Generator.Plan;
using Requant.Generator.Support;

namespace Requant.Generator.Emit.Rule;

/// <summary>Statements that compute the host values of one phase, with the author's variables as
/// local variables.</summary>
internal static class UniformText
{
    public static IEnumerable<string> Statements(KernelPlan plan, int phase)
    {
        KernelIr body = plan.Rule.Body;
        UniformSlot[] slots = [.. plan.Uniforms.Where(slot => slot.Phase == phase)];
        var names = new NameScope(
            [
                "phase", "tensor", "tensorStates", "reductions", "uniforms", "Kernels",
                .. plan.Rule.Hyperparameters.Select(hyperparameter => hyperparameter.PropertyName),
            ]);
        var locals = new Dictionary<int, string>();
        string? LocalOf(int value) => locals.TryGetValue(value, out string? name) ? name : null;

        foreach (int value in Liveness.From(body.HostOps, slots.Select(slot => slot.Value)).OrderBy(value => value))
        {
            IrOp op = body.Ops[value];
            if (IsVariable(op))
            {
                string expression = HostText.PrintUnchecked(body, value, 0, LocalOf);
                locals[value] = names.Take(op.Name);
                yield return $"{Names.Camel(op.Type.ToString())} {locals[value]} = {expression};"
                    + MarkOf(value, operand => operand == value ? null : LocalOf(operand));
            }
        }

        string MarkOf(int value, Func<int, string?> localOf) => LineMarks.Of(LinesOf(body, value, localOf));

        for (int i = 0; i < plan.Uniforms.Count; i++)
        {
            UniformSlot slot = plan.Uniforms[i];
            if (slot.Phase == phase)
            {
                bool isCondition = body.Ops[slot.Value].Type == IrType.Bool;
                string text = HostText.PrintUnchecked(body, slot.Value, isCondition ? 21 : 0, LocalOf)
                    + (isCondition ? " ? 1f : 0f" : "");
                yield return $"uniforms[{Literals.Int(i)}] = {text};" + MarkOf(slot.Value, LocalOf);
            }
        }
    }

    /// <summary>Lines of a value, and of those that stand within its text.</summary>
    private static IEnumerable<int> LinesOf(KernelIr body, int value, Func<int, string?> localOf)
    {
        IrOp op = body.Ops[value];
        return op.IsReduced || localOf(value) is not null
            ? [op.Line]
            : op.Operands.SelectMany(operand => LinesOf(body, operand, localOf)).Append(op.Line);
    }

    private static bool IsVariable(IrOp op) =>
        op.Name.Length > 0
        && !op.IsConstant
        && !op.IsInput
        && op.Code is not (OpCode.Hyperparameter or OpCode.Step or OpCode.OldTensorState);
}
