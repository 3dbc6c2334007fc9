using System.ComponentModel;
using ILGPU;

namespace Requant.CompilerServices;

/// <summary>One state of one tensor on a device. For use inside kernels.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct DeviceState
{
    /// <summary>The device's memory.</summary>
    public ArrayView<byte> Memory;

    /// <summary>Position of uint8[n], the codes; when not quantized, of float32[n], the values.</summary>
    public long Values;

    /// <summary>Position of float32[ceil(n / block size)], where quantized.</summary>
    public long Absmax;

    /// <summary>Lower half of the key of stochastic rounding in this step.</summary>
    public uint LowerKey;

    /// <summary>Upper half of it.</summary>
    public uint UpperKey;
}
