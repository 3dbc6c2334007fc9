using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text.Json;

namespace Requant.Checkpoints.Safetensors;

/// <summary>The checksum of a checkpoint's header, a value of its metadata: XXH128 of the eight bytes of its length and
/// of the header itself, with the digits of the checksum as zeros. With the tensors' checksums, which the header holds,
/// it covers every bit of the file.</summary>
internal static class HeaderSeal
{
    public const string Key = "requant_checksum";

    /// <summary>What the checksum's place holds while it is computed.</summary>
    public const string Zeros = "00000000000000000000000000000000";

    private const int MaxDepth = 3;

    /// <summary>Writes the checksum into a header that has <see cref="Zeros"/> in its place.</summary>
    public static void Write(Span<byte> header)
    {
        int place = Find(header);
        Checksum.Format(Compute(header, place), header.Slice(place, Zeros.Length));
    }

    /// <summary>Whether the header is the one that was written. To be asked before anything in it
    /// is believed.</summary>
    /// <exception cref="CheckpointException">There is no checksum, or it is another one.</exception>
    public static void Require(ReadOnlySpan<byte> header)
    {
        int place = Find(header);
        Span<byte> expected = stackalloc byte[Zeros.Length];
        Checksum.Format(Compute(header, place), expected);
        if (!header.Slice(place, Zeros.Length).SequenceEqual(expected))
        {
            throw new CheckpointException(
                "The header's checksum does not fit: the file is damaged, or not as Requant wrote it.");
        }
    }

    private static UInt128 Compute(ReadOnlySpan<byte> header, int place)
    {
        var hash = new XxHash128();
        Span<byte> length = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        hash.Append(length);
        hash.Append(header[..place]);
        hash.Append("00000000000000000000000000000000"u8);
        hash.Append(header[(place + Zeros.Length)..]);
        return hash.GetCurrentHashAsUInt128();
    }

    /// <summary>Position of the first digit.</summary>
    private static int Find(ReadOnlySpan<byte> header)
    {
        try
        {
            var reader = new Utf8JsonReader(header, new JsonReaderOptions { MaxDepth = MaxDepth });
            while (reader.Read())
            {
                if (reader.CurrentDepth == 2
                    && reader.TokenType == JsonTokenType.PropertyName
                    && reader.ValueTextEquals(Key))
                {
                    reader.Read();
                    if (reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length == Zeros.Length)
                    {
                        return (int)reader.TokenStartIndex + 1;
                    }

                    break;
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new CheckpointException(
                $"The header is not the JSON of a safetensors file: {exception.Message}", exception);
        }

        throw new CheckpointException($"The header has no {Key} of {Zeros.Length} digits; this is no checkpoint of "
            + "Requant. Use Import for files of PyTorch and bitsandbytes.");
    }
}
