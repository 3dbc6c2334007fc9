using Requant.Generator.Ir;
using Requant.Generator.Support;

namespace Requant.Generator.Plan;

/// <summary>Takes what becomes known between two phases out of a rule's body, for a device that does not wait for the
/// host: what the host knew before the first phase becomes a slot.</summary>
internal sealed class FinishPlanner(KernelIr body, LevelAnalysis levels, UniformSlots slots)
{
    private readonly List<IrOp> _ops = [];
    private readonly Dictionary<int, int> _copies = [];

    /// <summary>What computes the slots of a phase from reductions; each term is a slot. Empty where the host must do
    /// it: integers, and functions that it computes in its own way.</summary>
    public static Kernel Plan(KernelIr body, LevelAnalysis levels, UniformSlots slots, int phase)
    {
        if (IsForHost(body, levels, slots, phase))
        {
            return new Kernel(default, -1, default, default);
        }

        int[] own = [.. Enumerable.Range(0, slots.All.Count).Where(slot => slots.All[slot].Phase == phase)];

        var planner = new FinishPlanner(body, levels, slots);
        int[] roots = [.. own.Select(slot => planner.Number(slots.All[slot].Value))];
        (EquatableArray<IrOp> ops, int[] values) = Liveness.Compact(planner._ops, roots);
        return new Kernel(
            ops, -1, default, own.Select((slot, index) => new Term(slot, values[index])).ToEquatableArray());
    }

    /// <summary>Whether the host computes the slots of a phase.</summary>
    public static bool IsForHost(KernelIr body, LevelAnalysis levels, UniformSlots slots, int phase) =>
        slots.All.Any(slot => slot.Phase == phase && !IsForDevices(body, levels, slot.Value));

    private static bool IsForDevices(KernelIr body, LevelAnalysis levels, int value)
    {
        IrOp op = body.Ops[value];
        return levels.PhaseOf(value) == 0 ? op.IsConstant || op.Type != IrType.Int
            : op.Code == OpCode.Reduce
                || (op.Type != IrType.Int
                    && op.Operation.IsExact
                    && op.Operands.All(operand => IsForDevices(body, levels, operand)));
    }

    /// <summary>A value as a float: conditions travel as 1 or 0.</summary>
    private int Number(int value) => body.Ops[value].Type != IrType.Bool ? Copy(value) : Add(new IrOp(
        OpCode.Select, IrType.Float,
        new[] { Copy(value), Add(IrOp.Float(1f)), Add(IrOp.Float(0f)) }.ToEquatableArray()));

    private int Copy(int value)
    {
        if (!_copies.TryGetValue(value, out int copy))
        {
            IrOp op = body.Ops[value];
            copy = op.IsConstant ? Add(op)
                : levels.PhaseOf(value) == 0 ? Known(value, op)
                : op.Code == OpCode.Reduce ? Add(op with { Operands = default })
                : Add(op with { Operands = op.Operands.Select(Copy).ToEquatableArray() });
            _copies.Add(value, copy);
        }

        return copy;
    }

    private int Known(int value, IrOp op)
    {
        int slot = Add(new IrOp(OpCode.Uniform, IrType.Float, default, Index: slots.SlotOf(value)));
        return op.Type == IrType.Bool
            ? Add(new IrOp(OpCode.NotEqual, IrType.Bool, new[] { slot, Add(IrOp.Float(0f)) }.ToEquatableArray()))
            : slot;
    }

    private int Add(IrOp op)
    {
        _ops.Add(op);
        return _ops.Count - 1;
    }
}
