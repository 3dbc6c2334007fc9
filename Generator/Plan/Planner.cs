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
    private readonly UniformAnalysis _uniform;
    private readonly List<int> _flags;
    private readonly List<Reduction> _reductions;

    private Planner(RuleModel rule)
    {
        _rule = rule;
        _uniform = new UniformAnalysis(rule.Body);
        HashSet<int> live = Liveness.From(rule.Body.Ops, rule.Body.Results);
        int[] reductions = [.. live.Where(value => rule.Body.Ops[value].Code == OpCode.Reduce)
            .Select(_uniform.NumberOf).Distinct().OrderBy(_uniform.PhaseOf).ThenBy(value => value)];
        _reductions =
            [.. reductions.Select(value => new Reduction(rule.Body.Ops[value].Text, _uniform.PhaseOf(value) - 1))];
        _rule = NumberReductions(rule, reductions);
        _flags = FindFlags(live);
    }

    public static KernelPlan Plan(RuleModel rule)
    {
        var planner = new Planner(rule);
        return planner.Plan();
    }

    private KernelPlan Plan()
    {
        var slots = new UniformSlots(_rule, _uniform);
        var variants = new List<Variant>();
        var variantOfMask = new List<int>();
        for (int mask = 0; mask < 1 << _flags.Count; mask++)
        {
            EquatableArray<Kernel> phases = Specialize(mask, slots);
            int known = variants.FindIndex(variant => variant.Phases.Equals(phases));
            variantOfMask.Add(known < 0 ? variants.Count : known);
            if (known < 0)
            {
                variants.Add(new Variant(
                    VariantName.Of(MetBy(mask), [.. variants.Select(one => one.Name)]), DescribeFlags(mask), phases));
            }
        }

        int[] newTensorStates = [.. _rule.Body.NewTensorStates.Select(slots.SlotOf)];
        // Before the slots are taken: they get more.
        Kernel[] finishes = [.. Enumerable.Range(1, PhaseCount - 1)
            .Select(phase => FinishPlanner.Plan(_rule.Body, _uniform, slots, phase))];
        return new KernelPlan(
            _rule,
            HashOf(_rule),
            slots.All.ToEquatableArray(),
            _flags.Select(flag => new Flag(HostText.Of(_rule, flag), flag, !_uniform.IsKnownFromHyperparameters(flag)))
                .ToEquatableArray(),
            variantOfMask.ToEquatableArray(),
            variants.ToEquatableArray(),
            _reductions.ToEquatableArray(),
            newTensorStates.ToEquatableArray(),
            FiniteSlots(slots, variants, newTensorStates).ToEquatableArray(),
            finishes.ToEquatableArray());
    }

    /// <summary>What the host computes from hyperparameters, the step and tensor states has to be finite where it is
    /// used. Conditions are 1 or 0, what comes of a hyperparameter that may be infinite may be so too, and what comes
    /// of reductions as the gradients are.</summary>
    private IEnumerable<FiniteSlot> FiniteSlots(UniformSlots slots, List<Variant> variants, int[] newTensorStates)
    {
        HashSet<int>[] inUse =
            [.. variants.Select(variant => new HashSet<int>(variant.Phases.SelectMany(kernel => kernel.SlotsInUse())))];
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

    private EquatableArray<Kernel> Specialize(int mask, UniformSlots slots)
    {
        var constants = _flags.Select((flag, bit) => (flag, IsSet: (mask & (1 << bit)) != 0))
            .ToDictionary(pair => pair.flag, pair => pair.IsSet);
        HashSet<int> needed = NeededReductions(constants);
        return Enumerable.Range(0, PhaseCount).Select(phase => Specialize(phase, needed, constants, slots))
            .ToEquatableArray();
    }

    private int PhaseCount => _reductions.Count == 0 ? 1 : _reductions.Max(reduction => reduction.Phase) + 2;

    private Kernel Specialize(int phase, HashSet<int> needed, Dictionary<int, bool> constants, UniformSlots slots)
    {
        var specializer = new Specializer(_rule.Body, _uniform, constants, slots);
        return phase == PhaseCount - 1
            ? specializer.Update()
            : specializer.Reduce(
                needed.Where(reduction => _reductions[reduction].Phase == phase).OrderBy(reduction => reduction)
                    .Select(reduction =>
                        (reduction, _rule.Body.Ops.First(op => op.Code == OpCode.Reduce && op.Index == reduction))));
    }

    /// <summary>The reductions that a combination of flags makes use of: from the last phase back, what a phase's
    /// kernel takes from the host decides what earlier ones must reduce.</summary>
    private HashSet<int> NeededReductions(Dictionary<int, bool> constants)
    {
        var needed = new HashSet<int>();
        var slots = new UniformSlots(_rule, _uniform);
        var specializer = new Specializer(_rule.Body, _uniform, constants, slots);
        foreach (int state in _rule.Body.NewTensorStates)
        {
            needed.UnionWith(specializer.ReductionsBehind(state));
        }

        for (int phase = PhaseCount - 1; phase > 0; phase--)
        {
            Kernel kernel = Specialize(phase, needed, constants, slots);
            foreach (IrOp op in kernel.Ops.Where(op => op.Code == OpCode.Uniform))
            {
                needed.UnionWith(specializer.ReductionsBehind(slots.All[op.Index].Value));
            }
        }

        return needed;
    }

    /// <summary>Numbers the reductions in the order of the phases that compute them, equal ones alike; one that nothing
    /// needs gets -1.</summary>
    private RuleModel NumberReductions(RuleModel rule, int[] reductions)
    {
        IEnumerable<IrOp> ops = rule.Body.Ops.Select((op, value) =>
            op.Code == OpCode.Reduce ? op with { Index = Array.IndexOf(reductions, _uniform.NumberOf(value)) } : op);
        return rule with { Body = rule.Body with { Ops = ops.ToEquatableArray() } };
    }

    /// <summary>Conditions known before the step that per-element operations depend on.</summary>
    private List<int> FindFlags(HashSet<int> live)
    {
        IEnumerable<int> conditions = live.Where(value => !_uniform.IsUniform(value)).OrderBy(value => value)
            .SelectMany(value => _rule.Body.Ops[value].Operands)
            .SelectMany(KnownConditions);

        // Hyperparameters first: they decide which states there are.
        return [.. conditions.GroupBy(_uniform.NumberOf).Select(equal => equal.First())
            .OrderBy(value => _uniform.IsKnownFromHyperparameters(value) ? 0 : 1).Take(MaxFlags)];
    }

    /// <summary>The condition itself if it is known before the step, or those that it consists of. One and its negation
    /// are the same flag.</summary>
    private IEnumerable<int> KnownConditions(int value)
    {
        IrOp op = _rule.Body.Ops[value];
        bool isPart = op.Code == OpCode.Not
            || (op.Code is OpCode.And or OpCode.Or && !_uniform.IsKnownBeforeStep(value));
        return isPart ? op.Operands.SelectMany(KnownConditions)
            : op is { Type: IrType.Bool, IsConstant: false } && _uniform.IsKnownBeforeStep(value) ? [value]
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
            .Concat(rule.TensorStates.Select((state, index) => (state.Name, rule.Body.NewTensorStates[index])));
}
