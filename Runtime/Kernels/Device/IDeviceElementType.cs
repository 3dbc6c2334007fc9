using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Requant.CompilerServices;

/// <summary>How generated ILGPU kernels read and write elements of a parameter or gradient. Implementations are empty
/// structs, so that each kernel is compiled for the types of its elements.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IDeviceElementType
{
    /// <summary>Bytes of an element.</summary>
    static abstract int Size { get; }

    /// <summary>Bytes of what an element has in a second array; 0 for most.</summary>
    static abstract int RemainderSize { get; }

    /// <summary>One element as float32; exact.</summary>
    /// <param name="elements">n elements of this type.</param>
    /// <param name="index">From 0 to n - 1.</param>
    static abstract float Load(DeviceElements elements, long index);

    /// <summary>Rounds to nearest, ties to even, and stores.</summary>
    /// <param name="elements">n elements of this type.</param>
    /// <param name="index">From 0 to n - 1.</param>
    /// <param name="value">Any float32.</param>
    static abstract void Store(DeviceElements elements, long index, float value);

    /// <summary>A lane's eight elements of a whole, aligned block.</summary>
    /// <param name="elements">n elements of this type.</param>
    /// <param name="block">The block, less than <see cref="Float32x8.MostBlocks"/>.</param>
    static abstract Float32x8 LoadEight(DeviceElements elements, uint block);

    /// <summary>Rounds a lane's eight elements of a whole, aligned block, and stores them.</summary>
    /// <param name="elements">n elements of this type.</param>
    /// <param name="block">The block, less than <see cref="Float32x8.MostBlocks"/>.</param>
    /// <param name="values">Any float32.</param>
    static abstract void StoreEight(DeviceElements elements, uint block, Float32x8 values);

    /// <summary>Whether an element with this gradient, or this new value of a state, is updated, rather than skipped
    /// and counted.</summary>
    /// <param name="value">From <see cref="Load"/>, or computed.</param>
    static abstract bool IsUpdated(float value);

    /// <summary>0 where <see cref="IsUpdated"/> holds for all of a lane's gradients, which may be told from their sum;
    /// otherwise <see cref="DeviceMath.Infinity"/>.</summary>
    /// <param name="gradients">From <see cref="LoadEight"/>.</param>
    static abstract uint NonFiniteMask(Float32x8 gradients);
}

/// <summary>float32 elements.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct Float32DeviceElement : IDeviceElementType
{
    private const int Half = Float32x8.Half * sizeof(float);

    /// <inheritdoc/>
    public static int Size
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => sizeof(float);
    }

    /// <inheritdoc/>
    public static int RemainderSize
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 0;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(DeviceElements elements, long index) =>
        DeviceMemory.Load<float>(elements.Memory, elements.Position + (index * sizeof(float)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(DeviceElements elements, long index, float value) =>
        DeviceMemory.Store(elements.Memory, elements.Position + (index * sizeof(float)), value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float32x8 LoadEight(DeviceElements elements, uint block)
    {
        long position = Float32x8.At(elements.Position, block, sizeof(float));
        DeviceFour low = DeviceMemory.Load<DeviceFour>(elements.Memory, position);
        DeviceFour high = DeviceMemory.Load<DeviceFour>(elements.Memory, position + Half);
        return new Float32x8
        {
            X0 = low.X,
            X1 = low.Y,
            X2 = low.Z,
            X3 = low.W,
            X4 = high.X,
            X5 = high.Y,
            X6 = high.Z,
            X7 = high.W,
        };
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreEight(DeviceElements elements, uint block, Float32x8 values)
    {
        long position = Float32x8.At(elements.Position, block, sizeof(float));
        DeviceMemory.Store(
            elements.Memory, position, new DeviceFour { X = values.X0, Y = values.X1, Z = values.X2, W = values.X3 });
        DeviceMemory.Store(
            elements.Memory, position + Half,
            new DeviceFour { X = values.X4, Y = values.X5, Z = values.X6, W = values.X7 });
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsUpdated(float value) => DeviceMath.IsFinite(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint NonFiniteMask(Float32x8 gradients) => DeviceMath.NonFiniteMask(gradients);
}
