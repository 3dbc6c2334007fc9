using System.Runtime.InteropServices;

namespace Requant.Conformance.Devices;

/// <summary>Elements of a tensor as bytes.</summary>
internal static class ElementBytes
{
    /// <summary>Values rounded to a type.</summary>
    public static byte[] Of(float[] values, ElementType type) => type switch
    {
        ElementType.Float32 => MemoryMarshal.AsBytes(values.AsSpan()).ToArray(),
        ElementType.Float16 => MemoryMarshal.AsBytes<Half>(Array.ConvertAll(values, value => (Half)value)).ToArray(),
        ElementType.BFloat16 =>
            MemoryMarshal.AsBytes<BFloat16>(Array.ConvertAll(values, value => (BFloat16)value)).ToArray(),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };
}
