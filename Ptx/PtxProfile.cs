using Requant.Ptx.Execution;

namespace Requant.Ptx;

/// <summary>What a launch executed.</summary>
public sealed class PtxProfile
{
    private readonly Dictionary<string, long> _byOpcode = new(StringComparer.Ordinal);
    private readonly Dictionary<int, long> _byLine = [];

    // Two kernels may have the same text at the same line; an instruction of a kernel is one object in all
    // its launches.
    private readonly OrderedDictionary<MemoryOperation, PtxAccess> _accesses = [];

    internal PtxProfile()
    {
    }

    /// <summary>Instructions of lanes: one for each lane of a group that an instruction is issued to,
    /// guarded or not.</summary>
    public long LaneInstructions { get; private set; }

    /// <summary>Instructions of warps: one for each group of lanes at one instruction. Times 32 it is what the
    /// schedulers of a device have to issue, if lanes meet again as early as in
    /// <see cref="PtxOrder.Forward"/>.</summary>
    public long WarpInstructions { get; private set; }

    /// <summary>Instructions of lanes by opcode with modifiers.</summary>
    public IReadOnlyDictionary<string, long> LaneInstructionsByOpcode => _byOpcode;

    /// <summary>Instructions of lanes by the line of the text that they stand on, from 1. Of kernels that have other
    /// texts it says nothing.</summary>
    public IReadOnlyDictionary<int, long> LaneInstructionsByLine => _byLine;

    /// <summary>The instructions that accessed global memory, the module's variables included: launch by launch, and in
    /// the order of the text. An instruction that no lane executed is not there.</summary>
    public IReadOnlyList<PtxAccess> GlobalAccesses => [.. _accesses.Values];

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
                int line = operations[i].Source.Line;
                _byLine[line] = _byLine.GetValueOrDefault(line) + lanes[i];
            }
        }
    }

    internal void Add(AccessLog log)
    {
        foreach (AccessTally tally in log.Tallies)
        {
            Access(tally.Operation).Add(tally);
        }
    }

    /// <param name="other">What is added.</param>
    /// <param name="rename">What its buffers are called here.</param>
    internal void Add(PtxProfile other, Func<string, string>? rename = null)
    {
        WarpInstructions += other.WarpInstructions;
        LaneInstructions += other.LaneInstructions;
        foreach ((string opcode, long count) in other._byOpcode)
        {
            _byOpcode[opcode] = _byOpcode.GetValueOrDefault(opcode) + count;
        }

        foreach ((MemoryOperation operation, PtxAccess access) in other._accesses)
        {
            Access(operation).Add(access, rename);
        }
    }

    /// <summary>The own count of an instruction, a new one if there is none yet.</summary>
    private PtxAccess Access(MemoryOperation operation)
    {
        if (!_accesses.TryGetValue(operation, out PtxAccess? access))
        {
            access = new PtxAccess(operation);
            _accesses.Add(operation, access);
        }

        return access;
    }
}
