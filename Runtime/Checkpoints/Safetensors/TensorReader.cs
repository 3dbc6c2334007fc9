using System.IO.Hashing;

namespace Requant;

/// <summary>Reads one tensor from its first byte to its last one, and its checksum on the way. Nothing else may read the file
/// meanwhile.</summary>
internal sealed class TensorReader(Stream stream, SafetensorsTensor tensor, string? checksum)
{
    private readonly XxHash128? _hash = checksum is null ? null : new XxHash128();
    private long _left = tensor.End - tensor.Start;

    public SafetensorsTensor Tensor => tensor;

    /// <summary>Reads the next bytes; with the last one, compares the checksum.</summary>
    /// <exception cref="CheckpointException">The checksum is another one, or the file became shorter.</exception>
    public void Read(Span<byte> bytes)
    {
        SafetensorsReader.ReadExactly(stream, bytes);
        _hash?.Append(bytes);
        _left -= bytes.Length;
        if (_left == 0)
        {
            RequireChecksum();
        }
    }

    private void RequireChecksum()
    {
        if (_hash is not null && Checksum.Of(_hash) != checksum)
        {
            throw new CheckpointException(
                $"Tensor {tensor} has checksum {Checksum.Of(_hash)}, and {checksum} is noted in the file: it is damaged.");
        }
    }
}
