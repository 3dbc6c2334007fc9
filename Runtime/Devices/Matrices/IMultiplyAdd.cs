using System.ComponentModel;
using System.Runtime.CompilerServices;
using Requant.CompilerServices;

namespace Requant.Devices.Matrices;

/// <summary>How a kernel adds a product to a sum, rounded once: ILGPU has no instruction for it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IMultiplyAdd
{
    /// <summary>x times y plus z.</summary>
    static abstract float Of(float x, float y, float z);
}

/// <summary>By other instructions, on any device.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct EmulatedMultiplyAdd : IMultiplyAdd
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Of(float x, float y, float z) => DeviceMath.FusedMultiplyAdd(x, y, z);
}

/// <summary>By a multiplication and an addition, of which <see cref="PtxCompiler"/> makes one instruction in kernels
/// that are compiled for this type. Other devices would round twice.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct PtxMultiplyAdd : IMultiplyAdd
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Of(float x, float y, float z) => (x * y) + z;
}
