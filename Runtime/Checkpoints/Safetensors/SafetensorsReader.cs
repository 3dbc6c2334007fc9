using System.Buffers.Binary;

namespace Requant.Checkpoints.Safetensors;

/// <summary>A safetensors file that is being read: its header first, then the tensors one by one.</summary>
internal sealed class SafetensorsReader
{
    private const int PrefixBytes = sizeof(long);

    private const int CopyBytes = 1 << 20;

    private readonly Stream _stream;
    private readonly long _dataStart;

    private SafetensorsReader(Stream stream, long dataStart, SafetensorsHeader header)
    {
        _stream = stream;
        _dataStart = dataStart;
        Header = header;
    }

    public SafetensorsHeader Header { get; }

    /// <summary>Reads and checks the header.</summary>
    /// <param name="stream">Can seek; stays open. The file begins at its position.</param>
    /// <param name="isSealed">Whether the header must have a checksum of its own, which is then asked first.</param>
    /// <param name="isAlone">Whether the stream ends with the file.</param>
    /// <exception cref="CheckpointException">It is damaged, or not of this layout.</exception>
    public static SafetensorsReader Open(Stream stream, bool isSealed, bool isAlone = true)
    {
        long left = stream.Length - stream.Position;
        byte[] header = new byte[ReadLength(stream, left)];
        ReadExactly(stream, header);
        if (isSealed)
        {
            HeaderSeal.Require(header);
        }

        return new SafetensorsReader(
            stream, stream.Position, SafetensorsHeader.Parse(header, left - PrefixBytes - header.Length, isAlone));
    }

    /// <summary>Copies a file out of a stream that may go on behind it.</summary>
    /// <exception cref="CheckpointException">It is damaged, or not of this layout.</exception>
    public static void Copy(Stream from, Stream to)
    {
        int headerBytes = ReadLength(from, PrefixBytes + SafetensorsHeader.MaxBytes);
        byte[] bytes = new byte[PrefixBytes + headerBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, headerBytes);
        ReadExactly(from, bytes.AsSpan(PrefixBytes));
        HeaderSeal.Require(bytes.AsSpan(PrefixBytes));
        to.Write(bytes);
        long left = SafetensorsHeader.Parse(bytes.AsSpan(PrefixBytes), long.MaxValue, isAlone: false).DataBytes;
        for (bytes = new byte[CopyBytes]; left > 0; left -= bytes.Length)
        {
            Span<byte> some = bytes.AsSpan(0, (int)Math.Min(left, bytes.Length));
            ReadExactly(from, some);
            to.Write(some);
        }
    }

    /// <summary>Goes behind the file.</summary>
    public void Skip() => _stream.Position = _dataStart + Header.DataBytes;

    private static int ReadLength(Stream stream, long left)
    {
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        if (left < PrefixBytes)
        {
            throw new CheckpointException($"The file has {left} bytes, too few for a header: it is cut off.");
        }

        ReadExactly(stream, prefix);
        ulong claimed = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        return claimed <= (ulong)(left - PrefixBytes) && claimed <= SafetensorsHeader.MaxBytes
            ? (int)claimed
            : throw new CheckpointException(
                $"The file claims a header of {claimed} bytes; it has {left - PrefixBytes} behind the length, and "
                + $"the layout's limit is {SafetensorsHeader.MaxBytes}. It is cut off, or not a safetensors file.");
    }

    /// <summary>Begins to read a tensor.</summary>
    /// <param name="tensor">From <see cref="Header"/>.</param>
    /// <param name="checksum">What its bytes have to hash to; null when nothing says so.</param>
    public TensorReader Read(SafetensorsTensor tensor, string? checksum = null) =>
        new(_stream, _dataStart, tensor, checksum);

    /// <summary>Fills the buffer, or throws because the file is cut off.</summary>
    internal static void ReadExactly(Stream stream, Span<byte> bytes)
    {
        try
        {
            stream.ReadExactly(bytes);
        }
        catch (EndOfStreamException exception)
        {
            throw new CheckpointException("The file ends before its last byte: it is cut off.", exception);
        }
    }
}
