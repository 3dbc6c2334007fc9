using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Requant.Checkpoints.Safetensors;

/// <summary>Takes the bytes of a tensor, some at a time.</summary>
internal delegate void ByteSink(ReadOnlySpan<byte> bytes);

/// <summary>A tensor to be written.</summary>
/// <param name="Name">A name that no other tensor of the file has.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Shape">Lengths of its dimensions.</param>
/// <param name="Write">Gives its bytes, in order, each time the same.</param>
internal sealed record OutgoingTensor(
    string Name, SafetensorsType Type, IReadOnlyList<long> Shape, Action<ByteSink> Write)
{
    /// <summary>The checksum of its bytes, where that is known; otherwise they are asked for once more.</summary>
    public string? Checksum { get; init; }

    public long Bytes => Shape.Aggregate((long)Type.Size(), (product, length) => checked(product * length));
}

/// <summary>Writes files of the safetensors layout.</summary>
internal static class SafetensorsWriter
{
    /// <summary>Data begins at a multiple of this, as the layout asks for.</summary>
    private const int Alignment = 8;

    /// <summary>Writes a file with checksums, which its header has: each tensor's bytes are asked for twice, so that
    /// the stream need not seek.</summary>
    /// <param name="stream">Where to; what follows its position is overwritten.</param>
    /// <param name="tensors">Wider types are written first, so that all are aligned.</param>
    /// <param name="metadata">Makes the metadata of the tensors' checksums.</param>
    public static void WriteSealed(
        Stream stream, IEnumerable<OutgoingTensor> tensors, Func<IReadOnlyDictionary<string, string>, string> metadata)
    {
        OutgoingTensor[] all = [.. tensors];
        Dictionary<string, string> checksums = all.ToDictionary(
            tensor => tensor.Name, tensor => tensor.Checksum ?? ChecksumOf(tensor), StringComparer.Ordinal);
        Write(stream, all, new Dictionary<string, string>
        {
            [HeaderSeal.Key] = HeaderSeal.Zeros,
            [CheckpointManifest.Key] = metadata(checksums),
        });
    }

    /// <summary>Writes a file.</summary>
    /// <param name="stream">Where to; what follows its position is overwritten.</param>
    /// <param name="tensors">Wider types are written first, so that all are aligned.</param>
    /// <param name="metadata">Sealed if it has <see cref="HeaderSeal.Key"/>.</param>
    public static void Write(
        Stream stream, IEnumerable<OutgoingTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        OutgoingTensor[] ordered = [.. tensors.OrderByDescending(tensor => tensor.Type.Size())];
        byte[] header = Compose(ordered, metadata);
        if (metadata.ContainsKey(HeaderSeal.Key))
        {
            HeaderSeal.Write(header);
        }

        Span<byte> prefix = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
        stream.Write(prefix);
        stream.Write(header);
        foreach (OutgoingTensor tensor in ordered)
        {
            Give(tensor, stream.Write);
        }
    }

    /// <summary>The checksum of a tensor's bytes.</summary>
    public static string ChecksumOf(OutgoingTensor tensor)
    {
        var hash = new XxHash128();
        Give(tensor, hash.Append);
        return Checksum.Of(hash);
    }

    private static void Give(OutgoingTensor tensor, ByteSink sink)
    {
        long given = 0;
        tensor.Write(bytes =>
        {
            sink(bytes);
            given += bytes.Length;
        });
        if (given != tensor.Bytes)
        {
            throw new InvalidOperationException($"Tensor '{tensor.Name}' has {tensor.Bytes} bytes and gave {given}.");
        }
    }

    private static byte[] Compose(OutgoingTensor[] tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(
            buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartObject(SafetensorsHeader.MetadataKey);
            foreach ((string key, string value) in metadata)
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
            long start = 0;
            foreach (OutgoingTensor tensor in tensors)
            {
                WriteEntry(json, tensor, start);
                start += tensor.Bytes;
            }

            json.WriteEndObject();
        }

        int padding = -buffer.WrittenCount & (Alignment - 1);
        buffer.GetSpan(Alignment)[..padding].Fill((byte)' ');
        buffer.Advance(padding);
        return buffer.WrittenCount <= SafetensorsHeader.MaxBytes
            ? buffer.WrittenSpan.ToArray()
            : throw new NotSupportedException(
                $"A header of {tensors.Length} tensors takes {buffer.WrittenCount} bytes, and the safetensors layout's "
                + $"limit is {SafetensorsHeader.MaxBytes}.");
    }

    private static void WriteEntry(Utf8JsonWriter json, OutgoingTensor tensor, long start)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", tensor.Type.ToString());
        WriteLongs(json, "shape", tensor.Shape);
        WriteLongs(json, "data_offsets", [start, start + tensor.Bytes]);
        json.WriteEndObject();
    }

    private static void WriteLongs(Utf8JsonWriter json, string name, IEnumerable<long> values)
    {
        json.WriteStartArray(name);
        foreach (long value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }
}
