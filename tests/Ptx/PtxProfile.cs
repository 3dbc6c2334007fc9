using Requant.Ptx.Execution;

namespace Requant.Ptx;

/// <summary>What a launch executed.</summary>
public sealed class PtxProfile
{
    private readonly Dictionary<string, long> _byOpcode = new(StringComparer.Ordinal);

    internal PtxProfile()
    {
    }

    /// <summary>Instructions of lanes: one for each lane of a group that an instruction is issued to, guarded or not.</summary>
    public long LaneInstructions { get; private set; }

    /// <summary>Instructions of warps: one for each group of lanes at one instruction. Times 32 it is what the schedulers of
    /// a device have to issue, if lanes meet again as early as in <see cref="PtxOrder.Forward"/>.</summary>
    public long WarpInstructions { get; private set; }

    /// <summary>Instructions of lanes by opcode with modifiers.</summary>
    public IReadOnlyDictionary<string, long> LaneInstructionsByOpcode => _byOpcode;

    internal void Add(Operation[] operations, long[] lanes, long warps)
    {
        WarpInstructions += warps;
        for (int i = 0; i < operations.Length; i++)
        {
            if (lanes[i] > 0)
            {
                LaneInstructions += lanes[i];
                string opcode = operations[i].Source.Opcode;
                _byOpcode[opcode] = _byOpcode.GetValueOrDefault(opcode) + lanes[i];
            }
        }
    }

    internal void Add(PtxProfile other)
    {
        WarpInstructions += other.WarpInstructions;
        LaneInstructions += other.LaneInstructions;
        foreach ((string opcode, long count) in other._byOpcode)
        {
            _byOpcode[opcode] = _byOpcode.GetValueOrDefault(opcode) + count;
        }
    }
}
