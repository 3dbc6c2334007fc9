using System.ComponentModel;
using System.Runtime.CompilerServices;
using ILGPU;

namespace Requant.CompilerServices;

/// <summary>The largest of a block's terms on a device, used like <see cref="DeviceFold"/>. For use inside
/// kernels.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
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

    /// <summary>The largest term of a whole block of 256, in every lane.</summary>
    /// <param name="terms">Those of a lane's eight elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float OfEight(Float32x8 terms)
    {
        DeviceMaxFold fold = default;
        fold.Add(DeviceMath.Max(DeviceMath.Max(terms.X0, terms.X1), DeviceMath.Max(terms.X2, terms.X3)));
        fold.Add(DeviceMath.Max(DeviceMath.Max(terms.X4, terms.X5), DeviceMath.Max(terms.X6, terms.X7)));
        return fold.Finish(Float32x8.BlockSize);
    }
}
