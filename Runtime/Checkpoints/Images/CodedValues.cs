using System.Runtime.InteropServices;
using Requant.Checkpoints.Safetensors;

namespace Requant.Checkpoints.Images;

/// <summary>Values that a file has as codes of a map and scales of blocks.</summary>
/// <param name="codes">uint8[elements].</param>
/// <param name="map">The value of each code.</param>
/// <param name="absmax">float32[blocks].</param>
/// <param name="blockSize">Elements that share one absmax.</param>
/// <param name="codec">The codec whose codes they are; null for a map that is none's, which has all codes.</param>
internal sealed class CodedValues(TensorReader codes, float[] map, float[] absmax, int blockSize, Codec? codec)
    : IStateValues
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
        if (codec is Codec known)
        {
            StateImage.Require(known, StateMemoryKind.Codes, read, $"tensor {codes.Tensor}");
        }

        for (int i = 0; i < values.Length; i++)
        {
            values[i] = map[read[i]] * absmax[(_next + i) / blockSize];
        }

        _next += values.Length;
    }
}
