using System.Security.Cryptography;
using System.Text;
using Requant.Generator.Ir;
using Requant.Generator.Lower;
using Requant.Generator.Read;
using Requant.Generator.Support;

namespace Requant.Generator.Plan;

/// <summary>Splits a rule's body into host values and specialised kernels.</summary>
internal sealed class Planner
{
    /// <summary>One more would double the kernels; further conditions become values that kernels test.</summary>
    private const int MaxFlags = 4;

    private readonly RuleModel _rule;
    private readonly LevelAnalysis _levels;
    private readonly List<int> _flags;
    private readonly List<Reduction> _reductions;
    private readonly List<MatrixTerm> _matrices;

    private Planner(RuleModel rule)
    {
        _rule = rule;
        _levels = new LevelAnalysis(rule.Body);
        HashSet<int> live = Liveness.From(rule.Body.Ops, rule.Body.Results);
        int[] reductions = Different(live, OpCode.Reduce);
        _reductions = [.. reductions.Select(value => Reduction(rule.Body.Ops[value], value))];
        int[] matrices = Different(live, OpCode.Orthogonalize);
        _rule = rule with { Body = Numbered(rule.Body, reductions, matrices) };
        _matrices = [.. matrices.Select(value => new MatrixTerm(value, _levels.PhaseOfTerms(value)))];
        _flags = FindFlags(live);
    }

    /// <summary>Different operations of one kind, in the order of the phases that compute them.</summary>
    private int[] Different(HashSet<int> live, OpCode code) =>
        [.. live.Where(value => _rule.Body.Ops[value].Code == code)
            .Select(_levels.NumberOf).Distinct().OrderBy(_levels.PhaseOf).ThenBy(value => value)];

    private Reduction Reduction(IrOp op, int value) => new(
        ReductionKind.FunctionOf(op.Text), _levels.PhaseOfTerms(value), op.OwnLevel,
        _levels.IsOfLines(op) ? _levels.LevelOf(op.Operands[0]) : Level.Element,
        IsCount: ReductionKind.FunctionOf(op.Text) == "Sum" && !_levels.IsOfLines(op)
            && _rule.Body.Ops[op.Operands[0]] is { Code: OpCode.ConstFloat, Value: 1 });

    public static KernelPlan Plan(RuleModel rule)
    {
        var planner = new Planner(rule);
        return planner.Plan();
    }

    private KernelPlan Plan()
    {
        var slots = new PlanSlots(_rule, _levels);
        var variants = new List<Variant>();
        var variantOfMask = new List<int>();
        for (int mask = 0; mask < 1 << _flags.Count; mask++)
        {
            Variant specialized = Specialize(mask, slots);
            int known = variants.FindIndex(variant => variant.HasSameKernels(specialized));
            variantOfMask.Add(known < 0 ? variants.Count : known);
            if (known < 0)
            {
                variants.Add(specialized with
                {
                    Name = VariantName.Of(MetBy(mask), [.. variants.Select(one => one.Name)]),
                    Description = DescribeFlags(mask),
                });
            }
        }

        int[] newTensorStates = [.. _rule.Body.NewTensorStates.Select(slots.Uniforms.SlotOf)];
        MatrixPlan[] matrices = [.. _matrices.Select(matrix => Matrix(matrix, slots))];
        // Before the slots are taken: they get more.
        Kernel[] finishes = [.. Enumerable.Range(1, PhaseCount - 1)
            .Select(phase => FinishPlanner.Plan(_rule.Body, _levels, slots.Uniforms, phase))];
        return new KernelPlan(
            _rule,
            HashOf(_rule),
            slots.Uniforms.All.ToEquatableArray(),
            _flags.Select(flag => new Flag(HostText.Of(_rule, flag), flag, !_levels.IsKnownFromHyperparameters(flag)))
                .ToEquatableArray(),
            variantOfMask.ToEquatableArray(),
            variants.ToEquatableArray(),
            _reductions.Select((reduction, index) => WithSlot(reduction, index, slots)).ToEquatableArray(),
            newTensorStates.ToEquatableArray(),
            FiniteSlots(slots.Uniforms, variants, newTensorStates).ToEquatableArray(),
            finishes.ToEquatableArray())
        {
            PhaseCount = PhaseCount,
            HostPhases = Enumerable.Range(1, PhaseCount - 1)
                .Where(phase => FinishPlanner.IsForHost(_rule.Body, _levels, slots.Uniforms, phase))
                .Sum(phase => 1 << (phase - 1)),
            Rows = slots.Rows.All.ToEquatableArray(),
            Columns = slots.Columns.All.ToEquatableArray(),
            NewLineStates = _rule.LineStates
                .Select((state, index) => slots.Of(state.Level).SlotOf(_rule.Body.NewLineStates[index]))
                .ToEquatableArray(),
            Matrices = matrices.ToEquatableArray(),
        };
    }

    /// <summary>A reduction of lines is one of a slot, in which its terms are.</summary>
    private Reduction WithSlot(Reduction reduction, int index, PlanSlots slots)
    {
        int value = ReduceOp(index);
        return reduction.Over != Level.Element
            ? reduction with { Slot = slots.Of(reduction.Over).SlotOf(TermOf(index)) }
            : reduction.Into != Level.Uniform ? reduction with { Slot = slots.Of(reduction.Into).SlotOf(value) }
            : reduction;
    }

    private MatrixPlan Matrix(MatrixTerm matrix, PlanSlots slots)
    {
        IrOp op = _rule.Body.Ops[matrix.Value];
        return new MatrixPlan(
            matrix.Phase, _levels.PhaseOf(matrix.Value), _rule.Body.Ops[op.Operands[1]].Index,
            slots.Uniforms.SlotOf(op.Operands[2]));
    }

    /// <summary>The first operation that is a reduction.</summary>
    private int ReduceOp(int reduction) =>
        Enumerable.Range(0, _rule.Body.Ops.Count).First(value => IsNumbered(value, OpCode.Reduce, reduction));

    private int TermOf(int reduction) => _rule.Body.Ops[ReduceOp(reduction)].Operands[0];

    /// <summary>What the host computes from hyperparameters, the step and tensor states has to be finite where it is
    /// used. Conditions are 1 or 0, what comes of a hyperparameter that may be infinite may be so too, and what comes
    /// of reductions as the gradients are.</summary>
    private IEnumerable<FiniteSlot> FiniteSlots(UniformSlots slots, List<Variant> variants, int[] newTensorStates)
    {
        HashSet<int>[] inUse =
            [.. variants.Select(
                variant => new HashSet<int>(variant.Kernels.SelectMany(kernel => kernel.SlotsInUse())))];
        for (int slot = 0; slot < slots.All.Count; slot++)
        {
            bool isNumber = _rule.Body.Ops[slots.All[slot].Value].Type == IrType.Float && slots.All[slot].Phase == 0
                && !MayBeInfinite(slots.All[slot].Value);
            int used = Enumerable.Range(0, variants.Count)
                .Where(variant => newTensorStates.Contains(slot) || inUse[variant].Contains(slot))
                .Sum(variant => 1 << variant);
            if (isNumber && used != 0)
            {
                yield return new FiniteSlot(slot, used);
            }
        }
    }

    private bool MayBeInfinite(int value) => Liveness.From(_rule.Body.Ops, [value]).Any(operand =>
        _rule.Body.Ops[operand] is { Code: OpCode.Hyperparameter } op
        && _rule.Hyperparameters[op.Index].Range.HasInfinity);

    private Variant Specialize(int mask, PlanSlots slots)
    {
        var constants = _flags.Select((flag, bit) => (flag, IsSet: (mask & (1 << bit)) != 0))
            .ToDictionary(pair => pair.flag, pair => pair.IsSet);
        HashSet<int> needed =
            new Specializer(_rule.Body, _levels, constants, slots).Behind([.. _rule.Body.Results]);
        EquatableArray<Kernel> phases = Enumerable.Range(0, PhaseCount)
            .Select(phase => Specialize(phase, needed, constants, slots)).ToEquatableArray();
        var variant = new Variant("", "", phases, 0);
        foreach (Level level in new[] { Level.Row, Level.Column })
        {
            variant = WithLines(variant, level, needed, constants, slots);
        }

        return variant;
    }

    private int PhaseCount => _levels.PhaseCount;

    private Kernel Specialize(int phase, HashSet<int> needed, Dictionary<int, bool> constants, PlanSlots slots)
    {
        var specializer = new Specializer(_rule.Body, _levels, constants, slots);
        return phase == PhaseCount - 1
            ? specializer.Update()
            : specializer.Compute(TermsOf(phase, needed));
    }

    /// <summary>What a phase's kernel takes from each element: for reductions, then for matrices.</summary>
    private IEnumerable<Term> TermsOf(int phase, HashSet<int> needed) =>
        Enumerable.Range(0, _reductions.Count)
            .Where(index => _reductions[index].Phase == phase && _reductions[index].Over == Level.Element)
            .Where(index => needed.Any(value => IsNumbered(value, OpCode.Reduce, index)))
            .Select(index => new Term(index, TermOf(index)))
            .Concat(Enumerable.Range(0, _matrices.Count)
                .Where(index => _matrices[index].Phase == phase)
                .Where(index => needed.Any(value => IsNumbered(value, OpCode.Orthogonalize, index)))
                .Select(index => new Term(-1, _rule.Body.Ops[_matrices[index].Value].Operands[0], index)));

    private bool IsNumbered(int value, OpCode code, int index) =>
        _rule.Body.Ops[value].Code == code && _rule.Body.Ops[value].Index == index;

    /// <summary>Adds the kernels that compute values of rows, or of columns: what the kernels over elements take, what
    /// reductions of lines take, and new states.</summary>
    private Variant WithLines(
        Variant variant, Level level, HashSet<int> needed, Dictionary<int, bool> constants, PlanSlots slots)
    {
        LineSlots lines = slots.Of(level);
        var wanted = new HashSet<int>(variant.Phases.SelectMany(kernel => kernel.LinesInUse(level)));
        wanted.UnionWith(Enumerable.Range(0, _reductions.Count)
            .Where(index => _reductions[index].Over == level
                && needed.Any(value => IsNumbered(value, OpCode.Reduce, index)))
            .Select(index => lines.SlotOf(TermOf(index))));
        var specializer = new Specializer(_rule.Body, _levels, constants, slots, level);
        int written = 0;
        for (int state = 0; state < _rule.LineStates.Count; state++)
        {
            int value = _rule.Body.NewLineStates[state];
            if (_rule.LineStates[state].Level == level && specializer.IsChanged(value, state))
            {
                wanted.Add(lines.SlotOf(value));
                written |= 1 << state;
            }
        }

        EquatableArray<Kernel> kernels = Enumerable.Range(0, PhaseCount)
            .Select(phase => new Specializer(_rule.Body, _levels, constants, slots, level).Compute(wanted
                .Where(slot => lines.All[slot].Phase == phase && lines.All[slot].IsComputed).OrderBy(slot => slot)
                .Select(slot => new Term(slot, lines.All[slot].Value))))
            .ToEquatableArray();
        int read = wanted.Concat(kernels.SelectMany(kernel => kernel.LinesInUse(level)))
            .Select(slot => lines.All[slot].State).Where(state => state >= 0)
            .Aggregate(0, (all, state) => all | (1 << state));
        return variant with
        {
            LineStatesRead = variant.LineStatesRead | read,
            Rows = level == Level.Row ? kernels : variant.Rows,
            Columns = level == Level.Column ? kernels : variant.Columns,
            LineStatesWritten = variant.LineStatesWritten | written,
        };
    }

    /// <summary>Numbers reductions and matrices, equal ones alike; one that nothing needs gets -1.</summary>
    private KernelIr Numbered(KernelIr body, int[] reductions, int[] matrices) => body with
    {
        Ops = body.Ops.Select((op, value) =>
            op.Code == OpCode.Reduce ? op with { Index = Array.IndexOf(reductions, _levels.NumberOf(value)) }
            : op.Code == OpCode.Orthogonalize ? op with { Index = Array.IndexOf(matrices, _levels.NumberOf(value)) }
            : op).ToEquatableArray(),
    };

    /// <summary>Conditions known before the step that per-element operations depend on.</summary>
    private List<int> FindFlags(HashSet<int> live)
    {
        IEnumerable<int> conditions = live.Where(value => !_levels.IsUniform(value)).OrderBy(value => value)
            .SelectMany(value => _rule.Body.Ops[value].Operands)
            .SelectMany(KnownConditions);

        // Hyperparameters first: they decide which states there are.
        return [.. conditions.GroupBy(_levels.NumberOf).Select(equal => equal.First())
            .OrderBy(value => _levels.IsKnownFromHyperparameters(value) ? 0 : 1).Take(MaxFlags)];
    }

    /// <summary>The condition itself if it is known before the step, or those that it consists of. One and its negation
    /// are the same flag.</summary>
    private IEnumerable<int> KnownConditions(int value)
    {
        IrOp op = _rule.Body.Ops[value];
        bool isPart = op.Code == OpCode.Not
            || (op.Code is OpCode.And or OpCode.Or && !_levels.IsKnownBeforeStep(value));
        return isPart ? op.Operands.SelectMany(KnownConditions)
            : op is { Type: IrType.Bool, IsConstant: false } && _levels.IsKnownBeforeStep(value) ? [value]
            : [];
    }

    private IEnumerable<string> MetBy(int mask) =>
        _flags.Where((_, bit) => (mask & (1 << bit)) != 0).Select(flag => HostText.Of(_rule, flag));

    private string DescribeFlags(int mask) => string.Join(", ", _flags.Select((flag, bit) =>
        ((mask & (1 << bit)) != 0 ? "" : "not ") + HostText.Of(_rule, flag)));

    private static string HashOf(RuleModel rule)
    {
        // The first word dates from rules that were not exact; checkpoints have hashes with it.
        var text = new StringBuilder("exact\n");
        // How a state is stored is compared state by state, and is the optimizer's choice as much as the rule's.
        foreach (StateModel state in rule.States)
        {
            text.Append(state.Name).Append('\n');
        }

        foreach (TensorStateModel state in rule.TensorStates)
        {
            text.Append(state.Name).Append(' ').Append(Literals.Float(state.Initial)).Append('\n');
        }

        foreach (LineStateModel state in rule.LineStates)
        {
            text.Append($"{state.Level} {state.Name} {Literals.Float(state.Initial)}\n");
        }

        // Names of locals do not change what a rule means; names of hyperparameters stand in the operations.
        IrOp[] unnamed = [.. rule.Body.Ops.Select(op => op with { Name = "" })];
        text.Append(IrPrinter.Print(unnamed, Outputs(rule)));
        using var sha = SHA256.Create();
        byte[] hash = sha.ComputeHash(Encoding.UTF8.GetBytes(text.ToString()));
        return string.Concat(
            hash.Take(16).Select(part => part.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)));
    }

    public static IEnumerable<(string Name, int Value)> Outputs(RuleModel rule) =>
        new[] { (rule.ParameterName, rule.Body.NewParameter) }
            .Concat(rule.States.Select((state, index) => (state.Name, rule.Body.NewStates[index])))
            .Concat(rule.TensorStates.Select((state, index) => (state.Name, rule.Body.NewTensorStates[index])))
            .Concat(rule.LineStates.Select((state, index) => (state.Name, rule.Body.NewLineStates[index])));
}
