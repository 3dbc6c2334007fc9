using System.ComponentModel;
using System.Runtime.CompilerServices;
using ILGPU;

namespace Requant.CompilerServices;

/// <summary>Exchanges between the 32 lanes of a warp. All lanes call together. For use inside kernels.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class DeviceWarp
{
    /// <summary>The largest <paramref name="value"/> of the warp, in every lane. Values are magnitudes: 0 or more,
    /// finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(float value)
    {
        for (int distance = DeviceGrid.WarpSize / 2; distance >= 1; distance >>= 1)
        {
            float other = Warp.ShuffleXor(value, distance);
            value = other > value ? other : value;
        }

        return value;
    }

    /// <summary>The largest <paramref name="value"/> of the warp, in every lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Max(uint value)
    {
        value = IntrinsicMath.Max(value, Warp.ShuffleXor(value, 16));
        value = IntrinsicMath.Max(value, Warp.ShuffleXor(value, 8));
        value = IntrinsicMath.Max(value, Warp.ShuffleXor(value, 4));
        value = IntrinsicMath.Max(value, Warp.ShuffleXor(value, 2));
        return IntrinsicMath.Max(value, Warp.ShuffleXor(value, 1));
    }

    /// <summary>Folds the values of the first <paramref name="lanes"/> lanes, a power of two, in halves; the sum is in
    /// each of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Fold(float value, int lanes)
    {
        for (int distance = lanes / 2; distance >= 1; distance >>= 1)
        {
            value += Warp.ShuffleXor(value, distance);
        }

        return value;
    }

    /// <summary>Folds the values of all lanes in halves; the sum is in each of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static double Fold(double value)
    {
        value += Warp.ShuffleXor(value, 16);
        value += Warp.ShuffleXor(value, 8);
        value += Warp.ShuffleXor(value, 4);
        value += Warp.ShuffleXor(value, 2);
        return value + Warp.ShuffleXor(value, 1);
    }

    /// <summary>Folds the values of all lanes in halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Fold(float value)
    {
        value += Warp.ShuffleXor(value, 16);
        value += Warp.ShuffleXor(value, 8);
        value += Warp.ShuffleXor(value, 4);
        value += Warp.ShuffleXor(value, 2);
        return value + Warp.ShuffleXor(value, 1);
    }
}
