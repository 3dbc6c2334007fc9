using Requant.Generator.Ir;
using Requant.Generator.Support;

namespace Requant.Generator.Plan;

/// <summary>Copies the part of a body that one kernel needs: flags become constants and branches on them disappear,
/// what is the same for all elements, or for those of a row or column, becomes a slot.</summary>
/// <param name="body">The rule's.</param>
/// <param name="levels">Where its values differ.</param>
/// <param name="flags">The kernel's.</param>
/// <param name="slots">Gets the values that the kernel takes from elsewhere.</param>
/// <param name="level">What the kernel goes over: elements, rows or columns.</param>
internal sealed class Specializer(
    KernelIr body, LevelAnalysis levels, IReadOnlyDictionary<int, bool> flags, PlanSlots slots,
    Level level = Level.Element)
{
    private readonly List<IrOp> _ops = [];
    private readonly Dictionary<int, int> _copies = [];

    public Kernel Update()
    {
        int parameter = Copy(body.NewParameter);
        int[] states = [.. body.NewStates.Select(Copy)];
        (EquatableArray<IrOp> ops, int[] live) = Compact([parameter, .. states]);
        return new Kernel(ops, live[0], live.Skip(1).ToEquatableArray(), default);
    }

    /// <summary>A kernel that computes terms: of reductions, of matrices, or values of rows or columns.</summary>
    /// <param name="wanted">Terms whose values are the body's; a condition's is 1 or 0.</param>
    public Kernel Compute(IEnumerable<Term> wanted)
    {
        Term[] terms = [.. wanted.Select(term => term with { Value = Number(term.Value) })];
        (EquatableArray<IrOp> ops, int[] live) = Compact([.. terms.Select(term => term.Value)]);
        return new Kernel(
            ops, -1, default, terms.Select((term, index) => term with { Value = live[index] }).ToEquatableArray());
    }

    /// <summary>Whether a new value of a row or column state is another than its old one.</summary>
    public bool IsChanged(int newValue, int state) =>
        _ops[Copy(newValue)] is not { Code: OpCode.RowValue or OpCode.ColumnValue } op
        || slots.Of(level).All[op.Index].State != state;

    /// <summary>The operations that some need, with the flags as they are.</summary>
    public HashSet<int> Behind(IEnumerable<int> roots)
    {
        var seen = new HashSet<int>();
        var pending = new Stack<int>(roots);
        while (pending.Count > 0)
        {
            int value = pending.Pop();
            IrOp op = body.Ops[value];
            if (!seen.Add(value) || (op.Type == IrType.Bool && FlagValue(value) is not null))
            {
                continue;
            }

            bool? taken = op.Code == OpCode.Select ? FlagValue(op.Operands[0]) : null;
            foreach (int operand in taken is { } known ? [op.Operands[known ? 1 : 2]] : op.Operands.ToArray())
            {
                pending.Push(operand);
            }
        }

        return seen;
    }

    /// <summary>Drops what folding left unused.</summary>
    private (EquatableArray<IrOp> Ops, int[] Roots) Compact(int[] roots) => Liveness.Compact(_ops, roots);

    private int Copy(int value)
    {
        if (!_copies.TryGetValue(value, out int copy))
        {
            copy = levels.IsUniform(value) ? CopyUniform(value)
                : levels.LevelOf(value) != level || IsLineInput(body.Ops[value]) ? CopyLine(value)
                : CopyElement(value);
            _copies.Add(value, copy);
        }

        return copy;
    }

    private static bool IsLineInput(IrOp op) => op.OwnLevel is Level.Row or Level.Column;

    private int CopyLine(int value)
    {
        Level own = levels.LevelOf(value);
        OpCode code = own == Level.Row ? OpCode.RowValue : OpCode.ColumnValue;
        int number = Add(new IrOp(
            code, IrType.Float, default, Index: slots.Of(own).SlotOf(value), Line: body.Ops[value].Line));
        return body.Ops[value].Type == IrType.Bool ? IsNotZero(number) : number;
    }

    /// <summary>A value as a float: conditions travel as 1 or 0.</summary>
    private int Number(int value) => body.Ops[value].Type != IrType.Bool ? Copy(value) : Add(new IrOp(
        OpCode.Select, IrType.Float,
        new[] { Copy(value), Add(IrOp.Float(1f)), Add(IrOp.Float(0f)) }.ToEquatableArray(),
        Line: body.Ops[value].Line));

    private int IsNotZero(int number) =>
        Add(new IrOp(OpCode.NotEqual, IrType.Bool, new[] { number, Add(IrOp.Float(0f)) }.ToEquatableArray()));

    private int CopyUniform(int value)
    {
        IrOp op = body.Ops[value];
        if (op.IsConstant)
        {
            return Add(op);
        }

        if (op.Type != IrType.Bool)
        {
            return Add(new IrOp(OpCode.Uniform, IrType.Float, default, Index: slots.Uniforms.SlotOf(value)));
        }

        bool? constant = FlagValue(value);
        if (constant is { } known)
        {
            return Add(IrOp.Bool(known));
        }

        // A condition without a kernel of its own travels as 1 or 0.
        return IsNotZero(Add(new IrOp(OpCode.Uniform, IrType.Float, default, Index: slots.Uniforms.SlotOf(value))));
    }

    /// <summary>A condition that the flags decide.</summary>
    private bool? FlagValue(int value)
    {
        IrOp op = body.Ops[value];
        switch (op.Code)
        {
            case OpCode.Not:
                return !FlagValue(op.Operands[0]);
            case OpCode.And or OpCode.Or when FlagOf(value) is null:
                (bool? left, bool? right) = (FlagValue(op.Operands[0]), FlagValue(op.Operands[1]));
                bool deciding = op.Code == OpCode.Or;
                return left == deciding || right == deciding ? deciding
                    : left is null || right is null ? null : !deciding;
            default:
                return op.Code == OpCode.ConstBool ? op.Value != 0 : FlagOf(value);
        }
    }

    private bool? FlagOf(int value)
    {
        foreach (KeyValuePair<int, bool> flag in flags)
        {
            if (levels.NumberOf(flag.Key) == levels.NumberOf(value))
            {
                return flag.Value;
            }
        }

        return null;
    }

    private int CopyElement(int value)
    {
        IrOp op = body.Ops[value];
        switch (op.Code)
        {
            case OpCode.Select:
                int condition = Copy(op.Operands[0]);
                return Constant(condition) is { } taken
                    ? Named(Copy(op.Operands[taken ? 1 : 2]), op.Name)
                    : Add(op with
                    {
                        Operands = new[] { condition, Copy(op.Operands[1]), Copy(op.Operands[2]) }.ToEquatableArray(),
                    });
            case OpCode.And or OpCode.Or:
                return CopyLogic(op);
            case OpCode.Orthogonalize:
                return Add(new IrOp(OpCode.MatrixValue, IrType.Float, default, Index: op.Index, Line: op.Line));
            case OpCode.Not when Constant(Copy(op.Operands[0])) is { } known:
                return Add(IrOp.Bool(!known));
            default:
                return Add(op with { Operands = op.Operands.Select(Copy).ToEquatableArray() });
        }
    }

    /// <summary>What is left of a branch keeps the name of the variable that the branch was about.</summary>
    private int Named(int copy, string name)
    {
        IrOp op = _ops[copy];
        if (op.Name.Length == 0 && !op.IsConstant && op.Code != OpCode.Uniform)
        {
            _ops[copy] = op with { Name = name };
        }

        return copy;
    }

    private int CopyLogic(IrOp op)
    {
        int left = Copy(op.Operands[0]);
        int right = Copy(op.Operands[1]);
        bool neutral = op.Code == OpCode.And;
        foreach ((int side, int other) in new[] { (left, right), (right, left) })
        {
            if (Constant(side) is { } value)
            {
                return value == neutral ? other : side;
            }
        }

        return Add(op with { Operands = new[] { left, right }.ToEquatableArray() });
    }

    private bool? Constant(int copy) => _ops[copy].Code == OpCode.ConstBool ? _ops[copy].Value != 0 : null;

    private int Add(IrOp op)
    {
        _ops.Add(op);
        return _ops.Count - 1;
    }
}
