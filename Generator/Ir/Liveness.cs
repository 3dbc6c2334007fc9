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
}
