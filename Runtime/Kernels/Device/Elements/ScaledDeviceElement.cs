using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Requant.CompilerServices;

/// <summary>Elements of a gradient that are multiplied by the step's scale when they are loaded, each product
/// rounded once.</summary>
/// <typeparam name="TElement">What they are in memory.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
[SuppressMessage("Design", "CA1000", Justification = "They implement an interface's members for kernels.")]
public readonly struct ScaledDeviceElement<TElement> : IDeviceElementType
    where TElement : struct, IDeviceElementType
{
    /// <inheritdoc/>
    public static int Size
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TElement.Size;
    }

    /// <inheritdoc/>
    public static int RemainderSize
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TElement.RemainderSize;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(DeviceElements elements, long index) => TElement.Load(elements, index) * elements.Scale;

    /// <summary>Stores without a scale: nothing is divided.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(DeviceElements elements, long index, float value) =>
        TElement.Store(elements, index, value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float32x8 LoadEight(DeviceElements elements, uint block)
    {
        Float32x8 values = TElement.LoadEight(elements, block);
        return new Float32x8
        {
            X0 = values.X0 * elements.Scale,
            X1 = values.X1 * elements.Scale,
            X2 = values.X2 * elements.Scale,
            X3 = values.X3 * elements.Scale,
            X4 = values.X4 * elements.Scale,
            X5 = values.X5 * elements.Scale,
            X6 = values.X6 * elements.Scale,
            X7 = values.X7 * elements.Scale,
        };
    }

    /// <summary>Stores without a scale: nothing is divided.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreEight(DeviceElements elements, uint block, Float32x8 values) =>
        TElement.StoreEight(elements, block, values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsUpdated(float value) => TElement.IsUpdated(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint NonFiniteMask(Float32x8 gradients) => TElement.NonFiniteMask(gradients);
}
