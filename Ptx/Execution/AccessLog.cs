
namespace Requant.Ptx.Execution;

/// <summary>Counts what the memory instructions of a launch do in global memory, each time that a warp executes
/// one.</summary>
/// <remarks>An access is at most 16 bytes at a multiple of its size. So two accesses of one instruction are the same
/// bytes or have none in common, and none lies in two sectors: addresses in ascending order are all that there
/// is to count.</remarks>
internal sealed class AccessLog
{
    private readonly ulong[] _addresses = new ulong[Warp.Lanes];
    private readonly Dictionary<MemoryOperation, AccessTally> _tallies = [];
    private int _count;

    /// <summary>Notes that a lane of the present instruction accesses global memory.</summary>
    public void Add(ulong address) => _addresses[_count++] = address;

    /// <summary>Counts the lanes that were noted as one instruction of a warp.</summary>
    /// <param name="operation">The instruction.</param>
    /// <param name="launch">The launch, whose buffers hold every address.</param>
    public void Commit(MemoryOperation operation, LaunchContext launch)
    {
        // Shared and local memory end here.
        if (_count == 0)
        {
            return;
        }

        Span<ulong> addresses = _addresses.AsSpan(0, _count);
        _count = 0;
        Order(addresses);
        if (!_tallies.TryGetValue(operation, out AccessTally? tally))
        {
            tally = new AccessTally(operation);
            _tallies.Add(operation, tally);
        }

        tally.WarpInstructions++;
        for (int first = 0; first < addresses.Length;)
        {
            BufferTally buffer = tally.Find(addresses[first], launch);
            first += Count(addresses[first..], buffer, tally);
        }
    }

    /// <summary>What the instructions did, in the order of the program.</summary>
    public IEnumerable<AccessTally> Tallies => _tallies.Values.OrderBy(tally => tally.Operation.Source.Line);

    /// <summary>Counts the addresses from the first one to the end of its buffer.</summary>
    private static int Count(ReadOnlySpan<ulong> addresses, BufferTally tally, AccessTally access)
    {
        GlobalBuffer buffer = tally.Buffer;
        ulong end = buffer.Address + (ulong)buffer.Length;
        ulong address = ulong.MaxValue;
        ulong sector = ulong.MaxValue;
        int distinct = 0;
        int sectors = 0;
        int lanes = 0;
        for (; lanes < addresses.Length && addresses[lanes] < end; lanes++)
        {
            if (addresses[lanes] != address)
            {
                address = addresses[lanes];
                distinct++;
                sectors += address / PtxAccess.SectorBytes != sector ? 1 : 0;
                sector = address / PtxAccess.SectorBytes;
            }
        }

        int size = access.Operation.LaneBytes;
        tally.Lanes += lanes;
        access.DistinctBytes += distinct * size;
        access.Sectors += sectors;
        buffer.Count(access.Operation.Kind, lanes * size, distinct * size, sectors);
        return lanes;
    }

    /// <summary>Most instructions have their addresses in order already, or one for all lanes.</summary>
    private static void Order(Span<ulong> addresses)
    {
        for (int i = 1; i < addresses.Length; i++)
        {
            if (addresses[i] < addresses[i - 1])
            {
                addresses.Sort();
                return;
            }
        }
    }
}

/// <summary>What one instruction did in global memory in a launch.</summary>
internal sealed class AccessTally(MemoryOperation operation)
{
    private readonly List<BufferTally> _buffers = [];

    public MemoryOperation Operation => operation;

    public long WarpInstructions { get; set; }

    public long DistinctBytes { get; set; }

    public long Sectors { get; set; }

    public IReadOnlyList<BufferTally> Buffers => _buffers;

    /// <summary>The tally of the buffer that holds an address.</summary>
    public BufferTally Find(ulong address, LaunchContext launch)
    {
        foreach (BufferTally known in _buffers)
        {
            if (known.Buffer.Contains(address, operation.LaneBytes))
            {
                return known;
            }
        }

        var added = new BufferTally(launch.FindBuffer(address, operation.LaneBytes)!);
        _buffers.Add(added);
        return added;
    }
}

/// <summary>How often lanes accessed a buffer by one instruction.</summary>
internal sealed class BufferTally(GlobalBuffer buffer)
{
    public GlobalBuffer Buffer => buffer;

    public long Lanes { get; set; }
}
