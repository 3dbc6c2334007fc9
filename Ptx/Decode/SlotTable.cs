using Requant.Ptx.Execution;
using Requant.Ptx.Syntax;

namespace Requant.Ptx.Decode;

/// <summary>Gives literals and special registers a place behind the registers, so that operands are places and nothing
/// else.</summary>
internal sealed class SlotTable(int registerCount)
{
    private readonly Dictionary<ulong, int> _constants = [];
    private readonly Dictionary<string, (int Slot, SpecialRegister Register)> _specials = new(StringComparer.Ordinal);
    private readonly ulong[] _masks = new ulong[registerCount];

    public int Count { get; private set; } = registerCount;

    /// <summary>uint64[registers]: the bits that each register has.</summary>
    public ulong[] Masks => _masks;

    public IReadOnlyList<(int Slot, ulong Value)> Constants => [.. _constants.Select(pair => (pair.Value, pair.Key))];

    public IReadOnlyList<(int Slot, SpecialRegister Register)> Specials => [.. _specials.Values];

    public int Register(PtxRegister register)
    {
        _masks[register.Slot] = register.Type.Mask();
        return register.Slot;
    }

    public int Constant(ulong value)
    {
        if (!_constants.TryGetValue(value, out int slot))
        {
            slot = Count++;
            _constants.Add(value, slot);
        }

        return slot;
    }

    public int Special(SpecialRegister register)
    {
        if (!_specials.TryGetValue(register.Name, out (int Slot, SpecialRegister) present))
        {
            present = (Count++, register);
            _specials.Add(register.Name, present);
        }

        return present.Slot;
    }
}
