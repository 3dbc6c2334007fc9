using System.Runtime.InteropServices;

namespace Requant.Conformance;

/// <summary>What rounding to an element type means, in C#'s own conversions and float64.</summary>
internal static class Elements
{
    /// <summary>The values as elements of the type, in the machine's byte order.</summary>
    public static byte[] Round(ElementType type, float[] values) => type switch
    {
        ElementType.Float32 => MemoryMarshal.AsBytes<float>(values).ToArray(),
        ElementType.Float16 => MemoryMarshal.AsBytes<Half>(Array.ConvertAll(values, value => (Half)value)).ToArray(),
        _ => MemoryMarshal.AsBytes<ushort>(Array.ConvertAll(values, RoundToBFloat16)).ToArray(),
    };

    /// <summary>The nearest of the two neighbours, found in float64, the even one if both are as near.</summary>
    private static ushort RoundToBFloat16(float value)
    {
        if (float.IsNaN(value))
        {
            return 0x7fc0;
        }

        int below = BitConverter.SingleToInt32Bits(value) >>> 16;
        double distance = Math.Abs(value - (double)BitConverter.Int32BitsToSingle(below << 16));
        float above = BitConverter.Int32BitsToSingle((below + 1) << 16);
        double rest = Math.Abs(
            (float.IsInfinity(above) ? Math.CopySign(Math.ScaleB(1, 128), value) : above) - (double)value);
        bool up = distance > rest || (distance == rest && (below & 1) == 1);
        return (ushort)(float.IsInfinity(value) || !up ? below : below + 1);
    }
}
