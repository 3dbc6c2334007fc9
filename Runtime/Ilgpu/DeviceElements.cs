using ILGPU;
using ILGPU.Runtime;

namespace Requant.Ilgpu;

/// <summary>The elements of a parameter or gradient on a device. One of the views is empty, by the type of the
/// elements.</summary>
public struct DeviceElements
{
    /// <summary>float32[n], empty for other types.</summary>
    public ArrayView<float> Float32;

    /// <summary>uint16[n], the bits of float16 or bfloat16, empty for float32.</summary>
    public ArrayView<ushort> Bits16;

    /// <summary>Elements, n.</summary>
    internal readonly long Length => Float32.Length + Bits16.Length;

    /// <summary>Where they are. Not for empty views.</summary>
    internal readonly Accelerator Accelerator =>
        Float32.Length > 0 ? Float32.GetAccelerator() : Bits16.GetAccelerator();

    /// <summary>The elements of a view whose <typeparamref name="T"/> is stored as <paramref name="type"/>.</summary>
    internal static DeviceElements Of<T>(ArrayView<T> view, ElementType type)
        where T : unmanaged
    {
        if (view.Length == 0)
        {
            return default;
        }

        return type == ElementType.Float32
            ? new DeviceElements { Float32 = view.Cast<float>() }
            : new DeviceElements { Bits16 = view.Cast<ushort>() };
    }
}
