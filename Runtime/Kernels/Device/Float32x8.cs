using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Requant.CompilerServices;

/// <summary>The eight elements that one lane takes of a whole block of 256: four in a row of the first half, and those
/// 128 behind them. So every load and store of a warp is of memory without gaps. For use inside kernels.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct Float32x8
{
    /// <summary>Elements of a block that a warp takes as vectors.</summary>
    public const int BlockSize = 8 * DeviceGrid.WarpSize;

    /// <summary>Blocks at the beginning of a tensor that can be taken as vectors: numbers of fours
    /// are of 32 bits.</summary>
    public const long MostBlocks = 1L << 26;

    /// <summary>From a lane's lower elements to its upper ones.</summary>
    internal const int Half = BlockSize / 2;

    private const int FoursOfBlock = BlockSize / 4;

    /// <summary>The lane's first element.</summary>
    public float X0;

    /// <summary>The second.</summary>
    public float X1;

    /// <summary>The third.</summary>
    public float X2;

    /// <summary>The fourth.</summary>
    public float X3;

    /// <summary>The one 128 behind the first.</summary>
    public float X4;

    /// <summary>The one 128 behind the second.</summary>
    public float X5;

    /// <summary>The one 128 behind the third.</summary>
    public float X6;

    /// <summary>The one 128 behind the fourth.</summary>
    public float X7;

    /// <summary>Number of this lane's lower four elements among those of a tensor, counted in fours.</summary>
    /// <param name="block">Block of the tensor, less than <see cref="MostBlocks"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint Four(uint block) => (block * FoursOfBlock) + (uint)DeviceGrid.Lane;

    /// <summary>Position of this lane's lower four elements.</summary>
    /// <param name="position">Position of a tensor's first element.</param>
    /// <param name="block">Block of the tensor, less than <see cref="MostBlocks"/>.</param>
    /// <param name="size">Bytes of an element.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long At(long position, uint block, int size) => position + ((long)Four(block) * (4 * size));

    /// <summary>A lane's lower four elements and its upper four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Float32x8 Of(DeviceFour lower, DeviceFour upper) => new()
    {
        X0 = lower.X,
        X1 = lower.Y,
        X2 = lower.Z,
        X3 = lower.W,
        X4 = upper.X,
        X5 = upper.Y,
        X6 = upper.Z,
        X7 = upper.W,
    };

    /// <summary>These, but <paramref name="nothing"/> where a gradient is not finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Float32x8 WhereFinite(Float32x8 gradients, float nothing) => new()
    {
        X0 = DeviceMath.Select(DeviceMath.IsFinite(gradients.X0), X0, nothing),
        X1 = DeviceMath.Select(DeviceMath.IsFinite(gradients.X1), X1, nothing),
        X2 = DeviceMath.Select(DeviceMath.IsFinite(gradients.X2), X2, nothing),
        X3 = DeviceMath.Select(DeviceMath.IsFinite(gradients.X3), X3, nothing),
        X4 = DeviceMath.Select(DeviceMath.IsFinite(gradients.X4), X4, nothing),
        X5 = DeviceMath.Select(DeviceMath.IsFinite(gradients.X5), X5, nothing),
        X6 = DeviceMath.Select(DeviceMath.IsFinite(gradients.X6), X6, nothing),
        X7 = DeviceMath.Select(DeviceMath.IsFinite(gradients.X7), X7, nothing),
    };

    /// <summary>Their sum, in no order that matters: it is finite only if each of them is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly float Sum() => X0 + X1 + X2 + X3 + X4 + X5 + X6 + X7;
}
