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
/// <param name="Write">Gives its bytes, in order.</param>
internal sealed record OutgoingTensor(string Name, SafetensorsType Type, IReadOnlyList<long> Shape, Action<ByteSink> Write)
{
    public long Bytes => Shape.Aggregate((long)Type.Size(), (product, length) => checked(product * length));
}

/// <summary>Writes files of the safetensors layout.</summary>
internal static class SafetensorsWriter
{
    /// <summary>Data begins at a multiple of this, as the layout asks for.</summary>
    private const int Alignment = 8;

    /// <summary>Writes a file. Each tensor's bytes are asked for once.</summary>
    /// <param name="stream">Empty, and can seek.</param>
    /// <param name="tensors">Wider types are written first, so that all are aligned.</param>
    /// <param name="metadata">Makes the metadata of the tensors' checksums, of the same length for all checksums; it is sealed if it has
    /// <see cref="HeaderSeal.Key"/>.</param>
    public static void Write(
        Stream stream, IEnumerable<OutgoingTensor> tensors,
        Func<IReadOnlyDictionary<string, string>, IReadOnlyDictionary<string, string>> metadata)
    {
        OutgoingTensor[] ordered = [.. tensors.OrderByDescending(tensor => tensor.Type.Size())];
        Dictionary<string, string> checksums = ordered.ToDictionary(tensor => tensor.Name, _ => HeaderSeal.Zeros, StringComparer.Ordinal);

        // The header comes first and has the checksums of what is behind it: its place is kept free.
        int headerBytes = Compose(ordered, metadata(checksums)).Length;
        stream.Position = sizeof(long) + headerBytes;
        foreach (OutgoingTensor tensor in ordered)
        {
            checksums[tensor.Name] = WriteTensor(stream, tensor);
        }

        IReadOnlyDictionary<string, string> complete = metadata(checksums);
        byte[] header = Compose(ordered, complete);
        if (header.Length != headerBytes)
        {
            throw new InvalidOperationException($"A header of {headerBytes} bytes became one of {header.Length}.");
        }

        if (complete.ContainsKey(HeaderSeal.Key))
        {
            HeaderSeal.Write(header);
        }

        Span<byte> prefix = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
        stream.Position = 0;
        stream.Write(prefix);
        stream.Write(header);
    }

    private static string WriteTensor(Stream stream, OutgoingTensor tensor)
    {
        var hash = new XxHash128();
        long written = 0;
        tensor.Write(bytes =>
        {
            stream.Write(bytes);
            hash.Append(bytes);
            written += bytes.Length;
        });
        return written == tensor.Bytes ? Checksum.Of(hash) : throw new InvalidOperationException(
            $"Tensor '{tensor.Name}' has {tensor.Bytes} bytes and gave {written}.");
    }

    private static byte[] Compose(OutgoingTensor[] tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
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
        return buffer.WrittenCount <= SafetensorsHeader.MaxBytes ? buffer.WrittenSpan.ToArray() : throw new NotSupportedException(
            $"A header of {tensors.Length} tensors takes {buffer.WrittenCount} bytes, and the safetensors layout's limit is "
            + $"{SafetensorsHeader.MaxBytes}.");
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
