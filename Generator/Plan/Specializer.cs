using Requant.Generator.Ir;
using Requant.Generator.Support;

namespace Requant.Generator.Plan;

/// <summary>Copies the part of a body that one kernel needs: flags become constants and branches on them disappear,
/// uniform values become slots.</summary>
internal sealed class Specializer(
    KernelIr body, UniformAnalysis uniform, IReadOnlyDictionary<int, bool> flags, UniformSlots slots)
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

    public Kernel Reduce(IEnumerable<(int Reduction, IrOp Op)> reductions)
    {
        Term[] terms = [.. reductions.Select(pair => new Term(pair.Reduction, Copy(pair.Op.Operands[0])))];
        (EquatableArray<IrOp> ops, int[] live) = Compact([.. terms.Select(term => term.Value)]);
        return new Kernel(
            ops, -1, default, terms.Select((term, index) => term with { Value = live[index] }).ToEquatableArray());
    }

    /// <summary>The reductions that a host value needs, with the flags as they are.</summary>
    public HashSet<int> ReductionsBehind(int value)
    {
        var found = new HashSet<int>();
        var pending = new Stack<int>([value]);
        var seen = new HashSet<int>();
        while (pending.Count > 0)
        {
            value = pending.Pop();
            IrOp op = body.Ops[value];
            if (!seen.Add(value))
            {
                continue;
            }

            if (op.Code == OpCode.Reduce)
            {
                found.Add(op.Index);
                continue;
            }

            bool? taken = op.Code == OpCode.Select ? FlagValue(op.Operands[0]) : null;
            foreach (int operand in taken is { } known ? [op.Operands[known ? 1 : 2]] : op.Operands.ToArray())
            {
                pending.Push(operand);
            }
        }

        return found;
    }

    /// <summary>Drops what folding left unused.</summary>
    private (EquatableArray<IrOp> Ops, int[] Roots) Compact(int[] roots) => Liveness.Compact(_ops, roots);

    private int Copy(int value)
    {
        if (!_copies.TryGetValue(value, out int copy))
        {
            copy = uniform.IsUniform(value) ? CopyUniform(value) : CopyElement(value);
            _copies.Add(value, copy);
        }

        return copy;
    }

    private int CopyUniform(int value)
    {
        IrOp op = body.Ops[value];
        if (op.IsConstant)
        {
            return Add(op);
        }

        if (op.Type != IrType.Bool)
        {
            return Add(new IrOp(OpCode.Uniform, IrType.Float, default, Index: slots.SlotOf(value)));
        }

        bool? constant = FlagValue(value);
        if (constant is { } known)
        {
            return Add(IrOp.Bool(known));
        }

        // A condition without a kernel of its own travels as 1 or 0.
        int number = Add(new IrOp(OpCode.Uniform, IrType.Float, default, Index: slots.SlotOf(value)));
        return Add(new IrOp(OpCode.NotEqual, IrType.Bool, new[] { number, Add(IrOp.Float(0f)) }.ToEquatableArray()));
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
            if (uniform.NumberOf(flag.Key) == uniform.NumberOf(value))
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
