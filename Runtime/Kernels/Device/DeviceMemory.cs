using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;

namespace Requant.CompilerServices;

/// <summary>Loads and stores at positions of a view of memory, which are multiples of the value's size. For use inside
/// kernels.</summary>
internal static class DeviceMemory
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(ArrayView<byte> memory, long position)
        where T : unmanaged => At<T>(memory, position);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T>(ArrayView<byte> memory, long position, T value)
        where T : unmanaged => At<T>(memory, position) = value;

    /// <summary>The value at a position, to be changed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref T At<T>(ArrayView<byte> memory, long position)
        where T : unmanaged =>
        ref memory.SubView(position, Interop.SizeOf<T>()).AsAligned(Interop.SizeOf<T>()).Cast<T>()[0];
}

/// <summary>Four floats that are loaded and stored together.</summary>
internal struct DeviceFour
{
    public float X;
    public float Y;
    public float Z;
    public float W;
}

/// <summary>Two numbers that are loaded and stored together.</summary>
internal struct DevicePair
{
    public uint X;
    public uint Y;
}
