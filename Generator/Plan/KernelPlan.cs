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
    /// <summary>Kernels over the elements, and what is reduced of rows or columns between them.</summary>
    public int PhaseCount { get; init; }

    /// <summary>The phases behind which the host computes values: bit i for phase i.</summary>
    public int HostPhases { get; init; }

    /// <summary>Values of rows that outlive a kernel.</summary>
    public EquatableArray<LineSlot> Rows { get; init; }

    /// <summary>Values of columns that outlive a kernel.</summary>
    public EquatableArray<LineSlot> Columns { get; init; }

    /// <summary>The slot of each row or column state's new value.</summary>
    public EquatableArray<int> NewLineStates { get; init; }

    /// <summary>Functions of whole matrices.</summary>
    public EquatableArray<MatrixPlan> Matrices { get; init; }

    /// <summary>Whether the rule asks for rows and columns, in whichever way.</summary>
    public bool ReadsShape => Rows.Count > 0 || Columns.Count > 0 || Matrices.Count > 0
        || Rule.Body.Ops.Any(op => op.Code is OpCode.Rows or OpCode.Columns or OpCode.IsMatrix);

    /// <summary>Whether all that is not an element's is the same for all of them.</summary>
    public bool IsElementwise => Rows.Count == 0 && Columns.Count == 0 && Matrices.Count == 0;

    public EquatableArray<LineSlot> Lines(Level level) => level == Level.Row ? Rows : Columns;

    /// <summary>Whether a variant needs no values of rows, columns or matrices.</summary>
    public bool IsOfElements(Variant variant) => variant.IsElementwise && variant.Phases.All(kernel =>
        kernel.Terms.All(term => Reductions[term.Reduction].Into == Level.Uniform));

    /// <summary>Whether a device has a kernel that finishes a phase's reductions to one value and computes what becomes
    /// known by them. Rules of rows and columns have it also where the host computes the latter.</summary>
    public bool HasFinish(int phase) => !Finishes[phase].IsEmpty
        || (!IsElementwise && Reductions.Any(one => one.Phase == phase && one.Into == Level.Uniform));
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
/// <param name="LineStatesWritten">The row and column states that get other values: bit i for state i.</param>
internal sealed record Variant(
    string Name, string Description, EquatableArray<Kernel> Phases, int LineStatesWritten)
{
    /// <summary>For each phase what is computed for each row; a term's number is its slot.</summary>
    public EquatableArray<Kernel> Rows { get; init; }

    /// <summary>For each phase what is computed for each column; a term's number is its slot.</summary>
    public EquatableArray<Kernel> Columns { get; init; }

    public IEnumerable<Kernel> Kernels => Phases.Concat(Rows).Concat(Columns);

    /// <summary>The row and column states whose old values go into kernels, reductions or other states: bit i for
    /// state i.</summary>
    public int LineStatesRead { get; init; }

    /// <summary>Whether its kernels take no values of rows, columns or matrices, and it has none for these.</summary>
    public bool IsElementwise => (LineStatesRead | LineStatesWritten) == 0
        && Rows.Concat(Columns).All(kernel => kernel.IsEmpty)
        && Phases.All(kernel => kernel.Terms.All(term => term.Matrix < 0) && !kernel.Ops.Any(op =>
            op.Code is OpCode.RowValue or OpCode.ColumnValue or OpCode.MatrixValue));

    public EquatableArray<Kernel> Lines(Level level) => level == Level.Row ? Rows : Columns;

    public bool HasSameKernels(Variant other) => Phases.Equals(other.Phases) && Rows.Equals(other.Rows)
        && Columns.Equals(other.Columns)
        && LineStatesWritten == other.LineStatesWritten && LineStatesRead == other.LineStatesRead;

    /// <summary>Whether a kernel reads or writes a state: bit i for state i, row and column states after the
    /// others.</summary>
    public int StatesInUse(KernelPlan plan)
    {
        int states = plan.Rule.States.Count;
        int inUse = Enumerable.Range(0, states)
            .Where(state => Phases.Any(kernel => kernel.ReadsState(state) || kernel.WritesState(state)))
            .Sum(state => 1 << state);
        return inUse | ((LineStatesRead | LineStatesWritten) << states);
    }
}

/// <summary>A matrix as it is in a rule's body.</summary>
internal sealed record MatrixTerm(int Value, int Phase);

/// <summary>A matrix that is orthogonalized.</summary>
/// <param name="Phase">The phase whose kernel computes its elements.</param>
/// <param name="KnownPhase">The phase before whose kernel it is orthogonalized.</param>
/// <param name="Norm">The reduction that is its norm.</param>
/// <param name="Steps">The slot of the number of steps.</param>
internal sealed record MatrixPlan(int Phase, int KnownPhase, int Norm, int Steps);

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

    /// <summary>The slots of rows, or of columns, that it takes.</summary>
    public IEnumerable<int> LinesInUse(Level level) => Ops
        .Where(op => op.Code == (level == Level.Row ? OpCode.RowValue : OpCode.ColumnValue)).Select(op => op.Index);

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
        || (!Ops[value].IsInput && Ops[value].Operands.Count > 0 && Ops[value].Operands.All(IsSameForAll));

    private bool IsOperand(int value) =>
        Ops.Any(op => op.Operands.Contains(value)) || Terms.Any(term => term.Value == value);
}

/// <summary>One element's part of a reduction or of a matrix; in kernels of rows and columns, the value of a
/// slot.</summary>
internal sealed record Term(int Reduction, int Value, int Matrix = -1);

/// <summary>A reduction.</summary>
/// <param name="Kind">What is computed.</param>
/// <param name="Phase">The phase that computes its terms.</param>
/// <param name="Into">Whether there is one result, or one for each row or column.</param>
/// <param name="Over">What there is a term of: each element, row or column.</param>
/// <param name="Slot">Where there is one result for each line, its slot; where there is a term of each, the terms'.
/// -1 otherwise.</param>
/// <param name="IsCount">Whether it is the sum of 1 over elements: how many take part.</param>
internal sealed record Reduction(
    string Kind, int Phase, Level Into, Level Over, int Slot = -1, bool IsCount = false);
