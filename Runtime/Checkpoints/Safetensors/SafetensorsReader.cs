using System.Buffers.Binary;

namespace Requant.Checkpoints.Safetensors;

/// <summary>A safetensors file that is being read: its header first, then the tensors one by one.</summary>
internal sealed class SafetensorsReader
{
    private const int PrefixBytes = sizeof(long);

    private readonly Stream _stream;
    private readonly long _dataStart;

    private SafetensorsReader(Stream stream, byte[] headerBytes, SafetensorsHeader header)
    {
        _stream = stream;
        _dataStart = PrefixBytes + headerBytes.Length;
        Header = header;
    }

    public SafetensorsHeader Header { get; }

    /// <summary>Reads and checks the header.</summary>
    /// <param name="stream">Can seek; stays open.</param>
    /// <param name="isSealed">Whether the header must have a checksum of its own, which is then asked first.</param>
    /// <exception cref="CheckpointException">It is damaged, or not of this layout.</exception>
    public static SafetensorsReader Open(Stream stream, bool isSealed)
    {
        long length = stream.Length;
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        if (length < PrefixBytes)
        {
            throw new CheckpointException($"The file has {length} bytes, too few for a header: it is cut off.");
        }

        stream.Position = 0;
        stream.ReadExactly(prefix);
        ulong claimed = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (claimed > (ulong)(length - PrefixBytes) || claimed > SafetensorsHeader.MaxBytes)
        {
            throw new CheckpointException($"The file claims a header of {claimed} bytes; it has {length - PrefixBytes} behind the length, and "
                + $"the layout's limit is {SafetensorsHeader.MaxBytes}. It is cut off, or not a safetensors file.");
        }

        byte[] header = new byte[(int)claimed];
        ReadExactly(stream, header);
        if (isSealed)
        {
            HeaderSeal.Require(header);
        }

        return new SafetensorsReader(
            stream, header, SafetensorsHeader.Parse(header, length - PrefixBytes - header.Length));
    }

    /// <summary>Begins to read a tensor.</summary>
    /// <param name="tensor">From <see cref="Header"/>.</param>
    /// <param name="checksum">What its bytes have to hash to; null when nothing says so.</param>
    public TensorReader Read(SafetensorsTensor tensor, string? checksum = null) => new(_stream, _dataStart, tensor, checksum);

    /// <summary>Fills the buffer, or throws because somebody shortens the file.</summary>
    internal static void ReadExactly(Stream stream, Span<byte> bytes)
    {
        try
        {
            stream.ReadExactly(bytes);
        }
        catch (EndOfStreamException exception)
        {
            throw new CheckpointException("The file became shorter while it was read.", exception);
        }
    }
}
