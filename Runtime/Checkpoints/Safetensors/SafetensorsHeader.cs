using System.Text.Json;

namespace Requant.Checkpoints.Safetensors;

/// <summary>The header of a safetensors file, read strictly: what it says is checked against the bytes that there are,
/// and anything that the layout does not define is an error.</summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The layout's own limit.</summary>
    public const int MaxBytes = 100_000_000;

    public const string MetadataKey = "__metadata__";

    // The root, a tensor, its shape.
    private const int MaxDepth = 3;

    // Far above the dimensions of any tensor library, so that a shape of ones cannot be made long.
    private const int MaxDimensions = 64;

    private readonly Dictionary<string, byte[]> _metadata = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SafetensorsTensor> _tensors = new(StringComparer.Ordinal);
    private bool _hasMetadata;

    private SafetensorsHeader()
    {
    }

    /// <summary>Texts about the file, in UTF-8.</summary>
    public IReadOnlyDictionary<string, byte[]> Metadata => _metadata;

    public IReadOnlyDictionary<string, SafetensorsTensor> Tensors => _tensors;

    /// <summary>Bytes of all tensors.</summary>
    public long DataBytes { get; private set; }

    /// <summary>Reads a header.</summary>
    /// <param name="json">The header's bytes, its padding with them.</param>
    /// <param name="dataBytes">Bytes after the header.</param>
    /// <param name="isAlone">Whether all of them are the file's.</param>
    /// <exception cref="CheckpointException">It is not a header of so many bytes of data.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataBytes, bool isAlone = true)
    {
        if (json.IsEmpty || json[0] != (byte)'{')
        {
            throw new CheckpointException(
                "The header does not begin with '{'; this is not a safetensors file, or it is damaged.");
        }

        var header = new SafetensorsHeader();
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
            header.ReadRoot(ref reader);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The latter is what strings throw that are not valid Unicode.
            throw new CheckpointException(
                $"The header is not the JSON of a safetensors file: {exception.Message}", exception);
        }

        header.RequireNoGaps(dataBytes, isAlone);
        return header;
    }

    private void ReadRoot(ref Utf8JsonReader reader)
    {
        reader.Read();
        while (NextKey(ref reader, out string key))
        {
            reader.Read();
            if (key == MetadataKey)
            {
                ReadMetadata(ref reader);
            }
            else if (!_tensors.TryAdd(key, ReadTensor(ref reader, key)))
            {
                throw new CheckpointException($"The header has tensor '{key}' twice.");
            }
        }

        if (reader.Read())
        {
            throw new CheckpointException("The header goes on behind its last '}'.");
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (_hasMetadata)
        {
            throw new CheckpointException($"The header has {MetadataKey} twice.");
        }

        _hasMetadata = true;
        Require(reader.TokenType, JsonTokenType.StartObject, MetadataKey);
        while (NextKey(ref reader, out string key))
        {
            reader.Read();
            Require(reader.TokenType, JsonTokenType.String, $"{MetadataKey} '{key}'");
            byte[] value = new byte[reader.ValueSpan.Length];
            value = value[..reader.CopyString(value)];
            if (!_metadata.TryAdd(key, value))
            {
                throw new CheckpointException($"The header has {MetadataKey} '{key}' twice.");
            }
        }
    }

    private static SafetensorsTensor ReadTensor(ref Utf8JsonReader reader, string name)
    {
        Require(reader.TokenType, JsonTokenType.StartObject, name);
        SafetensorsType? type = null;
        long[]? shape = null;
        long[]? offsets = null;
        while (NextKey(ref reader, out string key))
        {
            reader.Read();
            switch (key)
            {
                case "dtype" when type is null:
                    type = ReadType(ref reader, name);
                    break;
                case "shape" when shape is null:
                    shape = ReadLongs(ref reader, name, MaxDimensions);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadLongs(ref reader, name, 2);
                    break;
                default:
                    throw new CheckpointException(
                        $"Tensor '{name}' has '{key}' twice, or should not have it; "
                        + "it has dtype, shape and data_offsets.");
            }
        }

        if (type is null || shape is null || offsets is not [long start, long end])
        {
            throw new CheckpointException(
                $"Tensor '{name}' lacks one of dtype, shape and data_offsets, which is two numbers.");
        }

        RequireSize(name, type.Value, shape, start, end);
        return new SafetensorsTensor(name, type.Value, shape, start, end);
    }

    private static SafetensorsType ReadType(ref Utf8JsonReader reader, string name)
    {
        Require(reader.TokenType, JsonTokenType.String, $"the dtype of '{name}'");
        string text = reader.GetString()!;
        return SafetensorsTypes.TryParse(text, out SafetensorsType type)
            ? type
            : throw new CheckpointException($"Tensor '{name}' is of dtype '{text}', which is not known here.");
    }

    private static long[] ReadLongs(ref Utf8JsonReader reader, string name, int most)
    {
        Require(reader.TokenType, JsonTokenType.StartArray, $"a list of '{name}'");
        var values = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number
                || !reader.TryGetInt64(out long value)
                || value < 0
                || values.Count == most)
            {
                throw new CheckpointException(
                    $"The shape or the data_offsets of tensor '{name}' are not at most {most} whole numbers from 0 "
                    + "to 2^63 - 1.");
            }

            values.Add(value);
        }

        return [.. values];
    }

    private static void RequireSize(string name, SafetensorsType type, long[] shape, long start, long end)
    {
        long bytes = type.Size();
        try
        {
            // A dimension of 0 makes the tensor empty, however long the others claim to be.
            bytes = shape.Contains(0) ? 0 : shape.Aggregate(bytes, (product, length) => checked(product * length));
        }
        catch (OverflowException exception)
        {
            throw new CheckpointException(
                $"Tensor '{name}' claims a shape of more than 2^63 bytes: [{string.Join(", ", shape)}].", exception);
        }

        if (end < start || end - start != bytes)
        {
            throw new CheckpointException(
                $"Tensor '{name}' is {type}[{string.Join(", ", shape)}], {bytes} bytes, and lies from "
                + $"{start} to {end}.");
        }
    }

    /// <summary>The tensors fill the data: none overlaps another, and no byte belongs to none.</summary>
    private void RequireNoGaps(long dataBytes, bool isAlone)
    {
        long next = 0;
        foreach (SafetensorsTensor tensor in _tensors.Values.OrderBy(one => one.Start).ThenBy(one => one.End))
        {
            if (tensor.Start != next)
            {
                throw new CheckpointException(
                    $"Tensor '{tensor.Name}' begins at byte {tensor.Start} of the data, and the one before it "
                    + $"ends at {next}.");
            }

            next = tensor.End;
        }

        DataBytes = next;
        if (next > dataBytes || (next != dataBytes && isAlone))
        {
            throw new CheckpointException(next > dataBytes
                ? $"The file ends {next - dataBytes} bytes too early: it is cut off."
                : $"The file has {dataBytes - next} bytes that belong to no tensor.");
        }
    }

    private static bool NextKey(ref Utf8JsonReader reader, out string key)
    {
        reader.Read();
        bool isKey = reader.TokenType == JsonTokenType.PropertyName;
        key = isKey ? reader.GetString()! : "";
        return isKey;
    }

    private static void Require(JsonTokenType found, JsonTokenType expected, string what)
    {
        if (found != expected)
        {
            throw new CheckpointException($"In the header, {what} is {found} in the place of {expected}.");
        }
    }
}
