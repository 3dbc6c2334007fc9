using Requant.Generator.Ir;
using Requant.Generator.Lower;
using Requant.Generator.Support;

namespace Requant.Generator.Plan;

/// <summary>A value of each row, or of each column.</summary>
/// <param name="Name">Its name in kernels.</param>
/// <param name="Value">Its operation in the rule's body.</param>
/// <param name="Phase">The first phase in which it is known.</param>
/// <param name="State">The row or column state whose old value it is, or -1.</param>
/// <param name="Reduction">The reduction into rows, or into columns, whose result it is, or -1. The result of one of
/// the whole tensor is a uniform value, which a kernel hands to each.</param>
internal sealed record LineSlot(string Name, int Value, int Phase, int State, int Reduction)
{
    /// <summary>Whether a kernel of rows or columns computes it.</summary>
    public bool IsComputed => State < 0 && Reduction < 0;
}

/// <summary>Numbers the values of rows, or of columns, that outlive a kernel; equal expressions share a slot.</summary>
internal sealed class LineSlots(RuleModel rule, LevelAnalysis levels, Level level)
{
    private readonly Dictionary<int, int> _slotOfNumber = [];
    private readonly List<LineSlot> _slots = [];
    private readonly NameScope _names = new(
        [rule.ParameterName, rule.GradientName, .. rule.States.Select(state => state.Name)]);

    /// <summary>Of rows or columns.</summary>
    public Level Level { get; } = level;

    public IReadOnlyList<LineSlot> All => _slots;

    public int SlotOf(int value)
    {
        int number = levels.NumberOf(value);
        if (!_slotOfNumber.TryGetValue(number, out int slot))
        {
            slot = _slots.Count;
            _slotOfNumber.Add(number, slot);
            IrOp op = rule.Body.Ops[value];
            string name = op.Name.Length > 0 ? op.Name : UniformNames.Of(rule.Body, value);
            if (name == "uniform")
            {
                name = Names.Camel(Level.ToString()) + "Value";
            }

            _slots.Add(new LineSlot(
                _names.Take(name), value, levels.PhaseOf(value),
                op.Code is OpCode.OldRowState or OpCode.OldColumnState ? op.Index : -1,
                op.Code == OpCode.Reduce && op.OwnLevel == Level ? op.Index : -1));
        }

        return slot;
    }
}
