using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime.Cuda;
using Requant.Cpu;

namespace Requant.Ilgpu;

/// <summary>How generated ILGPU kernels read and write one element of a parameter or gradient. Implementations are empty
/// structs, so that each kernel is compiled for the types of its elements.</summary>
public interface IDeviceElementType
{
    /// <summary>One element as float32; exact.</summary>
    /// <param name="elements">n elements of this type.</param>
    /// <param name="index">From 0 to n - 1.</param>
    static abstract float Load(DeviceElements elements, long index);

    /// <summary>Rounds to nearest, ties to even, and stores.</summary>
    /// <param name="elements">n elements of this type.</param>
    /// <param name="index">From 0 to n - 1.</param>
    /// <param name="value">Any float32.</param>
    static abstract void Store(DeviceElements elements, long index, float value);
}

/// <summary>float32 elements.</summary>
public readonly struct Float32DeviceElement : IDeviceElementType
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(DeviceElements elements, long index) => elements.Float32[index];

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(DeviceElements elements, long index, float value) => elements.Float32[index] = value;
}

/// <summary>float16 elements.</summary>
public readonly struct Float16DeviceElement : IDeviceElementType
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(DeviceElements elements, long index) =>
        (float)Interop.IntAsFloat(elements.Bits16[index]);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(DeviceElements elements, long index, float value)
    {
        // ILGPU's conversion is cvt.rn.f16.f32 on CUDA; its own of the processor truncates.
        elements.Bits16[index] = CudaAsm.IsSupported
            ? Interop.FloatAsInt((ILGPU.Half)value)
            : (ushort)Float16Format.Narrow((int)Interop.FloatAsInt(value));
    }
}

/// <summary>bfloat16 elements.</summary>
public readonly struct BFloat16DeviceElement : IDeviceElementType
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(DeviceElements elements, long index) =>
        Interop.IntAsFloat((uint)BFloat16Format.Widen(elements.Bits16[index]));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(DeviceElements elements, long index, float value) =>
        elements.Bits16[index] = (ushort)BFloat16Format.Narrow((int)Interop.FloatAsInt(value));
}
