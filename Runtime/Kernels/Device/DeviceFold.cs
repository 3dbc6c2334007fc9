using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Requant.CompilerServices;

/// <summary>The sum of a block's terms on a device, in the order of <see cref="BlockSum.Fold"/>. For use inside
/// kernels.</summary>
/// <remarks>
/// <para>
/// Folding in halves pairs the terms that differ in the highest bit of their index first, and bit 0 last. The five low
/// bits are the lane; the others number the terms of one lane. A lane that visits its terms in bit-reversed order adds
/// neighbours of that order, which needs one open sum per level instead of an array: 7 registers for 4096 terms.
/// </para>
/// <code>
/// DeviceFold fold = default;
/// int rounds = DeviceFold.Rounds(length);
/// for (int round = 0; round &lt; rounds; round++)
/// {
///     int i = DeviceFold.Element(round, rounds);
///     fold.Add(i &lt; length ? Term(i) : 0f);
/// }
///
/// float sum = fold.Finish(length);
/// </code>
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct DeviceFold
{
    private float _level0;
    private float _level1;
    private float _level2;
    private float _level3;
    private float _level4;
    private float _level5;
    private float _level6;
    private float _latest;
    private int _count;

    /// <summary>Terms that each lane adds, a power of two: the padded length over 32, at least 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Rounds(int length)
    {
        int rounds = 1;
        while (rounds * DeviceGrid.WarpSize < length)
        {
            rounds <<= 1;
        }

        return rounds;
    }

    /// <summary>The element that this lane adds in <paramref name="round"/>; at or past the length its term is
    /// 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Element(int round, int rounds)
    {
        int reversed = 0;
        for (int bit = 1; bit < rounds; bit <<= 1)
        {
            reversed = (reversed << 1) | (round & 1);
            round >>= 1;
        }

        return DeviceGrid.Lane + (reversed * DeviceGrid.WarpSize);
    }

    /// <summary>Adds the next term of this lane: a binary counter whose digits are open sums of 1, 2, 4 … 64
    /// terms.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(float term)
    {
        int n = _count;
        _count = n + 1;
        float sum = term;
        if ((n & 1) == 0)
        {
            _level0 = sum;
        }
        else
        {
            sum = _level0 + sum;
            if ((n & 2) == 0)
            {
                _level1 = sum;
            }
            else
            {
                sum = AddUpper(n, _level1 + sum);
            }
        }

        _latest = sum;
    }

    /// <summary>Adds the lanes' sums; the result is in every lane that holds a term, lane 0 among them.</summary>
    /// <param name="length">Terms of the block, at least 1.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float Finish(int length)
    {
        int lanes = 1;
        while (lanes < length && lanes < DeviceGrid.WarpSize)
        {
            lanes <<= 1;
        }

        return DeviceWarp.Fold(_latest, lanes);
    }

    /// <summary>The sum of a whole block of 256 in the same order, in every lane.</summary>
    /// <param name="terms">Those of a lane's eight elements. Bit 7 of an element's index tells them apart, then come
    /// five bits of the lane, then bits 1 and 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float OfEight(Float32x8 terms)
    {
        float x = DeviceWarp.Fold(terms.X0 + terms.X4);
        float y = DeviceWarp.Fold(terms.X1 + terms.X5);
        float z = DeviceWarp.Fold(terms.X2 + terms.X6);
        float w = DeviceWarp.Fold(terms.X3 + terms.X7);
        return (x + z) + (y + w);
    }

    private float AddUpper(int n, float sum)
    {
        if ((n & 4) == 0)
        {
            _level2 = sum;
            return sum;
        }

        sum = _level2 + sum;
        if ((n & 8) == 0)
        {
            _level3 = sum;
            return sum;
        }

        sum = _level3 + sum;
        if ((n & 16) == 0)
        {
            _level4 = sum;
            return sum;
        }

        sum = _level4 + sum;
        if ((n & 32) == 0)
        {
            _level5 = sum;
            return sum;
        }

        sum = _level5 + sum;
        if ((n & 64) == 0)
        {
            _level6 = sum;
            return sum;
        }

        return _level6 + sum;
    }
}
