using Requant.Ptx.Execution;

namespace Requant.Ptx;

/// <summary>What one instruction did in global memory, in all launches of a profile. Lanes whose guard did not hold
/// count nowhere.</summary>
public sealed class PtxAccess
{
    /// <summary>Bytes of a sector, the least that moves between memory and caches.</summary>
    public const int SectorBytes = 32;

    private readonly Dictionary<string, long> _lanesByBuffer = new(StringComparer.Ordinal);

    internal PtxAccess(MemoryOperation operation)
    {
        Line = operation.Source.Line;
        Text = operation.Source.Text;
        Opcode = operation.Source.Opcode;
        Space = operation.Space;
        Kind = operation.Kind;
        BytesPerLane = operation.LaneBytes;
    }

    /// <summary>Line of the PTX text, from 1.</summary>
    public int Line { get; }

    /// <summary>The instruction as written, without its guard.</summary>
    public string Text { get; }

    /// <summary>Its opcode with modifiers, as in <c>ld.global.v4.f32</c>.</summary>
    public string Opcode { get; }

    /// <summary>The state space that it names.</summary>
    public PtxSpace Space { get; }

    /// <summary>What it does there.</summary>
    public PtxAccessKind Kind { get; }

    /// <summary>Whether it stores, and does not load.</summary>
    public bool IsStore => Kind == PtxAccessKind.Store;

    /// <summary>Bytes of a lane: elements of the vector times their size, from 1 to 16.</summary>
    public int BytesPerLane { get; }

    /// <summary>Executions by lanes.</summary>
    public long Lanes { get; private set; }

    /// <summary>Executions by warps, each of at least one lane.</summary>
    public long WarpInstructions { get; private set; }

    /// <summary>Bytes that its lanes touched, where the lanes of one execution count each byte once.</summary>
    public long DistinctBytes { get; private set; }

    /// <summary>Sectors that its lanes touched, aligned units of 32 bytes, counted once for each execution. Lanes that
    /// are next to each other need no more than <see cref="DistinctBytes"/> / 32 of them.</summary>
    public long Sectors { get; private set; }

    /// <summary>Names of the buffers that it accessed.</summary>
    public IReadOnlyCollection<string> Buffers => _lanesByBuffer.Keys;

    /// <summary>Executions by lanes, by name of the buffer.</summary>
    public IReadOnlyDictionary<string, long> LanesByBuffer => _lanesByBuffer;

    /// <summary>Line, text, lanes and buffers, for messages.</summary>
    public override string ToString() =>
        $"line {Line}: {Text} ({Lanes} lanes of {BytesPerLane} bytes in {string.Join(", ", _lanesByBuffer.Keys)})";

    internal void Add(AccessTally tally)
    {
        WarpInstructions += tally.WarpInstructions;
        DistinctBytes += tally.DistinctBytes;
        Sectors += tally.Sectors;
        foreach (BufferTally buffer in tally.Buffers)
        {
            AddLanes(buffer.Buffer.Name, buffer.Lanes);
        }
    }

    internal void Add(PtxAccess other, Func<string, string>? rename)
    {
        WarpInstructions += other.WarpInstructions;
        DistinctBytes += other.DistinctBytes;
        Sectors += other.Sectors;
        foreach ((string buffer, long lanes) in other._lanesByBuffer)
        {
            AddLanes(rename is null ? buffer : rename(buffer), lanes);
        }
    }

    private void AddLanes(string buffer, long lanes)
    {
        Lanes += lanes;
        _lanesByBuffer[buffer] = _lanesByBuffer.GetValueOrDefault(buffer) + lanes;
    }
}

/// <summary>What an instruction does with memory.</summary>
public enum PtxAccessKind
{
    /// <summary>It loads: <c>ld</c>.</summary>
    Load,

    /// <summary>It stores: <c>st</c>.</summary>
    Store,

    /// <summary>It updates in one go, which is both: <c>atom red</c>.</summary>
    Atomic,
}

/// <summary>The state space that an instruction names, of those that may lead to global memory.</summary>
public enum PtxSpace
{
    /// <summary>None: the address says whether it is in global, shared or local memory.</summary>
    Generic,

    /// <summary><c>.global</c>.</summary>
    Global,

    /// <summary><c>.const</c>, the module's constants.</summary>
    Const,
}
