using Requant.Generator.Support;

namespace Requant.Generator.Ir;

/// <summary>Which operations a set of results needs.</summary>
internal static class Liveness
{
    public static HashSet<int> From(IReadOnlyList<IrOp> ops, IEnumerable<int> roots)
    {
        var live = new HashSet<int>();
        var pending = new Stack<int>(roots);
        while (pending.Count > 0)
        {
            int value = pending.Pop();
            if (live.Add(value))
            {
                foreach (int operand in ops[value].Operands)
                {
                    pending.Push(operand);
                }
            }
        }

        return live;
    }

    /// <summary>The operations that are needed, in order, and where the results went.</summary>
    public static (EquatableArray<IrOp> Ops, int[] Roots) Compact(IReadOnlyList<IrOp> ops, IReadOnlyList<int> roots)
    {
        HashSet<int> live = From(ops, roots);
        var moved = new Dictionary<int, int>();
        var kept = new List<IrOp>();
        for (int i = 0; i < ops.Count; i++)
        {
            if (live.Contains(i))
            {
                moved.Add(i, kept.Count);
                kept.Add(
                    ops[i] with { Operands = ops[i].Operands.Select(operand => moved[operand]).ToEquatableArray() });
            }
        }

        return (kept.ToEquatableArray(), [.. roots.Select(root => moved[root])]);
    }
}
