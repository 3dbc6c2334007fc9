using System.IO.Hashing;

namespace Requant.Checkpoints.Safetensors;

/// <summary>Reads one tensor from its first byte to its last one, and its checksum on the way.</summary>
/// <param name="stream">The file. Others may read it in between.</param>
/// <param name="dataStart">Where the file's data begin.</param>
/// <param name="tensor">What to read.</param>
/// <param name="checksum">What its bytes have to hash to; null when nothing says so.</param>
internal sealed class TensorReader(Stream stream, long dataStart, SafetensorsTensor tensor, string? checksum)
{
    private const int SkipBytes = 1 << 20;

    private readonly XxHash128? _hash = checksum is null ? null : new XxHash128();
    private long _next = tensor.Start;

    public SafetensorsTensor Tensor => tensor;

    /// <summary>Reads the next bytes; with the last one, compares the checksum.</summary>
    /// <exception cref="CheckpointException">The checksum is another one, or the file became shorter.</exception>
    public void Read(Span<byte> bytes)
    {
        if (bytes.Length > tensor.End - _next)
        {
            throw new InvalidOperationException(
                $"Tensor {tensor} ends before the {bytes.Length} bytes from {_next - tensor.Start} on.");
        }

        if (stream.Position != dataStart + _next)
        {
            stream.Position = dataStart + _next;
        }

        SafetensorsReader.ReadExactly(stream, bytes);
        _hash?.Append(bytes);
        _next += bytes.Length;
        if (_next == tensor.End)
        {
            RequireChecksum();
        }
    }

    /// <summary>Reads the next bytes for their checksum alone.</summary>
    /// <param name="count">Bytes; 0 or more.</param>
    public void Skip(long count)
    {
        byte[] some = new byte[Math.Min(count, SkipBytes)];
        for (long left = count; left > 0; left -= some.Length)
        {
            Read(some.AsSpan(0, (int)Math.Min(left, some.Length)));
        }
    }

    /// <summary>Reads what is left for the checksum.</summary>
    public void Finish() => Skip(tensor.End - _next);

    private void RequireChecksum()
    {
        if (_hash is not null && Checksum.Of(_hash) != checksum)
        {
            throw new CheckpointException(
                $"Tensor {tensor} has checksum {Checksum.Of(_hash)}, and {checksum} is noted in the file: "
                + "it is damaged.");
        }
    }
}
