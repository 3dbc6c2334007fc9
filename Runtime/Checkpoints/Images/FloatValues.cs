using System.Runtime.InteropServices;
using Requant.Checkpoints.Safetensors;

namespace Requant.Checkpoints.Images;

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
