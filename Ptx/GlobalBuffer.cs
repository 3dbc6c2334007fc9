namespace Requant.Ptx;

/// <summary>Memory that a kernel may use, and what it did with it.</summary>
public sealed class GlobalBuffer
{
    private readonly byte[]? _array;
    private readonly Memory<byte> _native;

    internal GlobalBuffer(string name, ulong address, byte[] bytes, bool isWritable)
    {
        Name = name;
        Address = address;
        Length = bytes.Length;
        IsWritable = isWritable;
        _array = bytes;
    }

    /// <summary>Memory of the process, at its own address.</summary>
    internal GlobalBuffer(string name, NativeBytes bytes)
    {
        Name = name;
        Address = bytes.Address;
        Length = bytes.Memory.Length;
        IsWritable = true;
        _native = bytes.Memory;
    }

    /// <summary>Name for messages and counts.</summary>
    public string Name { get; }

    /// <summary>Address of the first byte, a multiple of <see cref="GlobalMemory.Alignment"/>.</summary>
    public ulong Address { get; }

    /// <summary>Its contents.</summary>
    /// <exception cref="InvalidOperationException">It is memory of the process.</exception>
    public byte[] Bytes =>
        _array ?? throw new InvalidOperationException($"'{Name}' is memory of the process and no array.");

    /// <summary>Bytes that it has.</summary>
    internal int Length { get; }

    /// <summary>Whether a store to it is no error.</summary>
    public bool IsWritable { get; }

    /// <summary>Bytes that lanes loaded from it; the same byte counts each time.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Bytes that lanes stored to it; the same byte counts each time.</summary>
    public long BytesWritten { get; private set; }

    /// <summary>Bytes that lanes loaded from it, where the lanes of one instruction of a warp count each byte once. It
    /// is what a device without caches has to move, if it could move single bytes.</summary>
    public long DistinctBytesRead { get; private set; }

    /// <summary>Bytes that lanes stored to it, where the lanes of one instruction of a warp count
    /// each byte once.</summary>
    public long DistinctBytesWritten { get; private set; }

    /// <summary>Sectors, aligned units of 32 bytes, that lanes loaded from; the lanes of one instruction of a warp
    /// count each sector once. It is what a device without caches does move.</summary>
    public long SectorsRead { get; private set; }

    /// <summary>Sectors that lanes stored to; the lanes of one instruction of a warp count each sector once.</summary>
    public long SectorsWritten { get; private set; }

    /// <summary>Bytes that lanes updated atomically; the same byte counts each time. All counts of what was read and
    /// what was written have atomic updates in them.</summary>
    public long BytesUpdated { get; private set; }

    /// <summary>Counts one instruction of a warp.</summary>
    internal void Count(PtxAccessKind kind, int bytes, int distinctBytes, int sectors)
    {
        if (kind != PtxAccessKind.Store)
        {
            BytesRead += bytes;
            DistinctBytesRead += distinctBytes;
            SectorsRead += sectors;
        }

        if (kind != PtxAccessKind.Load)
        {
            BytesWritten += bytes;
            DistinctBytesWritten += distinctBytes;
            SectorsWritten += sectors;
        }

        BytesUpdated += kind == PtxAccessKind.Atomic ? bytes : 0;
    }

    internal bool Contains(ulong address, int size) =>
        address >= Address && address - Address <= (ulong)Length
        && (ulong)Length - (address - Address) >= (ulong)size;

    /// <summary>Bytes that it contains.</summary>
    internal Span<byte> At(ulong address, int size) => _array is null
        ? _native.Span.Slice((int)(address - Address), size)
        : _array.AsSpan((int)(address - Address), size);

    internal Memory<byte> MemoryAt(ulong address, int size) =>
        (_array is null ? _native : _array).Slice((int)(address - Address), size);
}
