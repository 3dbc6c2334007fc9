using Requant.Generator.Ir;
using Requant.Generator.Lower;
using Requant.Generator.Support;

namespace Requant.Generator.Plan;

/// <summary>Numbers the values that the host computes; equal expressions share a slot.</summary>
internal sealed class UniformSlots(RuleModel rule, LevelAnalysis levels)
{
    private readonly Dictionary<int, int> _slotOfNumber = [];
    private readonly List<UniformSlot> _slots = [];
    private readonly NameScope _names = new(
        [rule.ParameterName, rule.GradientName, .. rule.States.Select(state => state.Name)]);

    public IReadOnlyList<UniformSlot> All => _slots;

    public int SlotOf(int value)
    {
        int number = levels.NumberOf(value);
        if (!_slotOfNumber.TryGetValue(number, out int slot))
        {
            slot = _slots.Count;
            _slotOfNumber.Add(number, slot);
            IrOp op = rule.Body.Ops[value];
            string name = op.Name.Length > 0 ? op.Name : UniformNames.Of(rule.Body, value);
            _slots.Add(new UniformSlot(_names.Take(name), value, levels.PhaseOf(value)));
        }

        return slot;
    }
}
