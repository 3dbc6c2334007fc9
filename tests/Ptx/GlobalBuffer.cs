namespace Requant.Ptx;

/// <summary>Memory that a kernel may use, and what it did with it.</summary>
public sealed class GlobalBuffer
{
    internal GlobalBuffer(string name, ulong address, byte[] bytes, bool isWritable)
    {
        Name = name;
        Address = address;
        Bytes = bytes;
        IsWritable = isWritable;
    }

    /// <summary>Name for messages and counts.</summary>
    public string Name { get; }

    /// <summary>Address of the first byte, a multiple of <see cref="GlobalMemory.Alignment"/>.</summary>
    public ulong Address { get; }

    /// <summary>Its contents.</summary>
    public byte[] Bytes { get; }

    /// <summary>Whether a store to it is no error.</summary>
    public bool IsWritable { get; }

    /// <summary>Bytes that lanes loaded from it; the same byte counts each time.</summary>
    public long BytesRead { get; internal set; }

    /// <summary>Bytes that lanes stored to it; the same byte counts each time.</summary>
    public long BytesWritten { get; internal set; }

    internal bool Contains(ulong address, int size) =>
        address >= Address && address - Address <= (ulong)Bytes.Length
        && (ulong)Bytes.Length - (address - Address) >= (ulong)size;
}
