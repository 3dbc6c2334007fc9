using System.ComponentModel;
using System.Runtime.CompilerServices;
using ILGPU;

namespace Requant.CompilerServices;

/// <summary>The elements of a parameter or gradient on a device. For use inside kernels.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct DeviceElements
{
    /// <summary>The device's memory.</summary>
    public ArrayView<byte> Memory;

    /// <summary>Position of the first element.</summary>
    public long Position;

    /// <summary>What a type that scales multiplies by; of a tensor's gradient only.</summary>
    public float Scale;

    /// <summary>Lower half of the key of stochastic rounding; of a tensor's parameter only.</summary>
    public uint LowerKey;

    /// <summary>Upper half of it.</summary>
    public uint UpperKey;

    /// <summary>Position of what the elements have in a second array; of a tensor's parameter only.</summary>
    public long Remainder;

    /// <summary>Elements that begin at a position.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceElements At(ArrayView<byte> memory, long position) =>
        new() { Memory = memory, Position = position };
}
