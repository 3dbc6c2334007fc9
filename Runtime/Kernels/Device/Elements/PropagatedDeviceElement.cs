using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using ILGPU;

namespace Requant.CompilerServices;

/// <summary>Elements of a gradient that are all taken, those too that are not finite: see
/// <see cref="NonFinitePolicy.Propagate"/>.</summary>
/// <typeparam name="TElement">What they are otherwise.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
[SuppressMessage("Design", "CA1000", Justification = "They implement an interface's members for kernels.")]
public readonly struct PropagatedDeviceElement<TElement> : IDeviceElementType
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
    public static float Load(DeviceElements elements, long index) => TElement.Load(elements, index);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(DeviceElements elements, long index, float value) =>
        TElement.Store(elements, index, value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float32x8 LoadEight(DeviceElements elements, uint block) => TElement.LoadEight(elements, block);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreEight(DeviceElements elements, uint block, Float32x8 values) =>
        TElement.StoreEight(elements, block, values);

    /// <summary>Always, in a way that ILGPU does not see through: of a constant it would make a number where PTX wants
    /// a predicate.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsUpdated(float value) => (Interop.FloatAsInt(value) | 1u) != 0u;

    /// <summary>0: a block's new values alone decide how it is taken.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint NonFiniteMask(Float32x8 gradients) => 0;
}
