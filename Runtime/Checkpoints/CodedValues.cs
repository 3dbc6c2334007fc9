using System.Runtime.InteropServices;

namespace Requant;

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
