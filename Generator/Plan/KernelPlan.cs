using Requant.Generator.Ir;
using Requant.Generator.Lower;
using Requant.Generator.Support;

namespace Requant.Generator.Plan;

/// <summary>What the emitters need: which values the host computes, which kernels there are, and
/// when each runs.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Hash">Hexadecimal hash of the rule's meaning.</param>
/// <param name="Uniforms">Values computed once per tensor and step, in order of their slots.</param>
/// <param name="Flags">Conditions of which every combination has a kernel of its own.</param>
/// <param name="VariantOfMask">Kernel variant by combination of flags, bit i being flag i.</param>
/// <param name="Variants">The different kernels.</param>
/// <param name="Reductions">Reductions in order of their phases.</param>
/// <param name="NewTensorStates">The slot of each tensor state's new value.</param>
/// <param name="Finite">The values known before the first phase that have to be finite numbers, and with
/// which kernels.</param>
/// <param name="Finishes">For each phase but the last, what a device computes of its reductions: every term is a slot.
/// Empty where the host does it.</param>
internal sealed record KernelPlan(
    RuleModel Rule,
    string Hash,
    EquatableArray<UniformSlot> Uniforms,
    EquatableArray<Flag> Flags,
    EquatableArray<int> VariantOfMask,
    EquatableArray<Variant> Variants,
    EquatableArray<Reduction> Reductions,
    EquatableArray<int> NewTensorStates,
    EquatableArray<FiniteSlot> Finite,
    EquatableArray<Kernel> Finishes)
{
    public int PhaseCount => Reductions.Count == 0 ? 1 : Reductions.Max(reduction => reduction.Phase) + 2;
}

/// <summary>A value computed on the host.</summary>
/// <param name="Name">Its name in kernels.</param>
/// <param name="Value">Its operation in the rule's body.</param>
/// <param name="Phase">The first phase in which it is known.</param>
internal sealed record UniformSlot(string Name, int Value, int Phase);

/// <summary>A host value that must be finite.</summary>
/// <param name="Slot">Its slot.</param>
/// <param name="Variants">The variants that compute with it: bit i for variant i.</param>
internal sealed record FiniteSlot(int Slot, int Variants);

/// <summary>A condition on hyperparameters and the step that selects a kernel.</summary>
/// <param name="Text">How the rule writes it.</param>
/// <param name="Value">Its operation in the rule's body.</param>
/// <param name="NeedsStep">Whether it can change from one step to the next with the same hyperparameters.</param>
internal sealed record Flag(string Text, int Value, bool NeedsStep);

/// <summary>The kernels of one combination of flags, one per phase.</summary>
/// <param name="Name">The flags that are true in a name, as in <c>NesterovStepIs1</c>; empty where none is.</param>
/// <param name="Description">The flags, as in <c>nesterov, not step == 1</c>.</param>
/// <param name="Phases">The kernels.</param>
internal sealed record Variant(string Name, string Description, EquatableArray<Kernel> Phases)
{
    /// <summary>Whether a kernel reads or writes a state: bit i for state i.</summary>
    public int StatesInUse(int stateCount) => Enumerable.Range(0, stateCount)
        .Where(state => Phases.Any(kernel => kernel.ReadsState(state) || kernel.WritesState(state)))
        .Sum(state => 1 << state);
}

/// <summary>What one pass computes for every element.</summary>
/// <param name="Ops">Operations on per-element values, uniform slots and constants.</param>
/// <param name="NewParameter">New parameter, or -1 in a pass that only reduces.</param>
/// <param name="NewStates">New states, empty in a pass that only reduces.</param>
/// <param name="Terms">What each reduction of this pass takes from an element.</param>
internal sealed record Kernel(
    EquatableArray<IrOp> Ops, int NewParameter, EquatableArray<int> NewStates, EquatableArray<Term> Terms)
{
    public bool Writes => NewParameter >= 0;

    /// <summary>Whether there is nothing to do: no reduction of this phase is needed.</summary>
    public bool IsEmpty => !Writes && Terms.Count == 0;

    public bool ReadsParameter => Enumerable.Range(0, Ops.Count).Any(value => Ops[value].Code == OpCode.Parameter
        && (IsOperand(value) || NewStates.Contains(value)));

    /// <summary>Whether a state's old value goes into anything but the state itself, unchanged.</summary>
    public bool ReadsState(int state) => Enumerable.Range(0, Ops.Count).Any(value => Ops[value].Code == OpCode.OldState
        && Ops[value].Index == state
        && (IsOperand(value)
            || value == NewParameter
            || NewStates.Where((_, other) => other != state).Contains(value)));

    public bool WritesParameter => Writes && Ops[NewParameter].Code != OpCode.Parameter;

    /// <summary>Whether a state gets another value than its own old one; another state's old value is one.</summary>
    public bool WritesState(int state) =>
        Writes && (Ops[NewStates[state]].Code != OpCode.OldState || Ops[NewStates[state]].Index != state);

    /// <summary>Whether a state's new value is not finite wherever the gradient is not: it comes to it by operations
    /// none of whose results is finite if such an operand is not.</summary>
    public bool CarriesNonFiniteGradient(int state)
    {
        var carries = new bool[Ops.Count];
        for (int value = 0; value < Ops.Count; value++)
        {
            IrOp op = Ops[value];
            carries[value] = op.Type == IrType.Float && op.Code switch
            {
                OpCode.Gradient => true,
                OpCode.Add or OpCode.Subtract or OpCode.Multiply or OpCode.Negate or OpCode.Abs or OpCode.Sqrt
                or OpCode.FusedMultiplyAdd =>
                    op.Operands.Any(operand => carries[operand]),
                OpCode.Divide => carries[op.Operands[0]],
                _ => false,
            };
        }

        return carries[NewStates[state]];
    }

    /// <summary>The slots that go into every element's results. Behind a condition that is the same for all elements,
    /// one of the two sides may be any number, as it goes nowhere.</summary>
    public HashSet<int> SlotsInUse()
    {
        var slots = new HashSet<int>();
        var seen = new HashSet<int>();
        var pending = new Stack<int>(NewStates.Concat(Terms.Select(term => term.Value)));
        if (Writes)
        {
            pending.Push(NewParameter);
        }

        while (pending.Count > 0)
        {
            int value = pending.Pop();
            IrOp op = Ops[value];
            if (!seen.Add(value))
            {
                continue;
            }

            if (op.Code == OpCode.Uniform)
            {
                slots.Add(op.Index);
            }

            foreach (int operand in op.Code == OpCode.Select && IsSameForAll(op.Operands[0])
                ? [op.Operands[0]]
                : op.Operands.ToArray())
            {
                pending.Push(operand);
            }
        }

        return slots;
    }

    private bool IsSameForAll(int value) =>
        Ops[value].Code == OpCode.Uniform || Ops[value].IsConstant
        || (!Ops[value].IsElement && Ops[value].Operands.Count > 0 && Ops[value].Operands.All(IsSameForAll));

    private bool IsOperand(int value) =>
        Ops.Any(op => op.Operands.Contains(value)) || Terms.Any(term => term.Value == value);
}

/// <summary>One element's part of a reduction.</summary>
internal sealed record Term(int Reduction, int Value);

/// <summary>A reduction and the pass that computes it.</summary>
internal sealed record Reduction(string Kind, int Phase);
