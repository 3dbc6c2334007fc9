using System.Runtime.InteropServices;

namespace Requant;

/// <summary>Values of a state as they come from a file, from the first to the last.</summary>
internal interface IStateValues
{
    /// <summary>Reads the next values.</summary>
    void Read(Span<float> values);
}

/// <summary>Values that a file has as numbers.</summary>
internal sealed class FloatValues(TensorReader reader) : IStateValues
{
    private byte[] _bytes = [];

    /// <summary>Whether elements of this type are numbers that can be read.</summary>
    public static bool IsSupported(SafetensorsType type) =>
        type is SafetensorsType.F16 or SafetensorsType.BF16 or SafetensorsType.F32 or SafetensorsType.F64;

    public void Read(Span<float> values)
    {
        if (reader.Tensor.Type == SafetensorsType.F32)
        {
            reader.Read(MemoryMarshal.AsBytes(values));
            return;
        }

        int size = reader.Tensor.Type.Size();
        if (_bytes.Length < values.Length * size)
        {
            _bytes = new byte[values.Length * size];
        }

        Span<byte> bytes = _bytes.AsSpan(0, values.Length * size);
        reader.Read(bytes);
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> element = bytes.Slice(i * size, size);
            values[i] = reader.Tensor.Type switch
            {
                SafetensorsType.F16 => (float)BitConverter.ToHalf(element),
                SafetensorsType.BF16 => (float)BFloat16.FromBits(BitConverter.ToUInt16(element)),
                _ => (float)BitConverter.ToDouble(element),
            };
        }
    }
}

/// <summary>Values that a file has as codes of a map and scales of blocks.</summary>
internal sealed class CodedValues(TensorReader codes, float[] map, float[] absmax, int blockSize) : IStateValues
{
    private byte[] _codes = [];
    private long _next;

    /// <summary>Reads the scales of a state: float32[blocks].</summary>
    public static float[] ReadAbsmax(TensorReader reader)
    {
        float[] absmax = new float[reader.Tensor.Count];
        Span<byte> bytes = MemoryMarshal.AsBytes(absmax.AsSpan());
        reader.Read(bytes);
        StateImage.Require(Codec.Dynamic, StateMemoryKind.Absmax, bytes, reader.Tensor.ToString());
        return absmax;
    }

    public void Read(Span<float> values)
    {
        if (_codes.Length < values.Length)
        {
            _codes = new byte[values.Length];
        }

        Span<byte> read = _codes.AsSpan(0, values.Length);
        codes.Read(read);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = read[i] < map.Length ? map[read[i]] * absmax[(_next + i) / blockSize] : throw new CheckpointException(
                $"A code of tensor {codes.Tensor} is {read[i]}, and its map has {map.Length} values.");
        }

        _next += values.Length;
    }
}
