using System.Runtime.CompilerServices;
using ILGPU;

namespace Requant.Ilgpu;

/// <summary>The largest of a block's terms on a device, used like <see cref="DeviceFold"/>. For use inside
/// kernels.</summary>
public struct DeviceMaxFold
{
    private float _largest;
    private int _count;

    /// <summary>Takes the next term of this lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(float term)
    {
        _largest = _count == 0 ? term : DeviceMath.Max(_largest, term);
        _count++;
    }

    /// <summary>The largest term of all lanes, in every lane; each has taken one at least.</summary>
    /// <param name="length">Terms of the block, at least 1.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float Finish(int length)
    {
        float largest = _largest;
        for (int distance = DeviceGrid.WarpSize / 2; distance >= 1; distance >>= 1)
        {
            largest = DeviceMath.Max(largest, Warp.ShuffleXor(largest, distance));
        }

        return largest;
    }
}
