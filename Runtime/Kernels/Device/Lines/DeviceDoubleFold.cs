using System.Runtime.CompilerServices;

namespace Requant.CompilerServices;

/// <summary>Folds up to 256 float64 in halves, as <see cref="DeviceFold"/> folds floats: visited in bit-reversed order,
/// they need one open sum for each level. For use inside kernels.</summary>
internal struct DeviceDoubleFold
{
    private double _level0;
    private double _level1;
    private double _level2;
    private double _level3;
    private double _level4;
    private double _level5;
    private double _level6;
    private double _level7;
    private int _count;

    /// <summary>The sum of all terms, once there are as many as were to come.</summary>
    public double Latest;

    /// <summary>The number that a thread adds in a round.</summary>
    /// <param name="round">From 0 on.</param>
    /// <param name="rounds">A power of two.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Reversed(int round, int rounds)
    {
        int reversed = 0;
        for (int bit = 1; bit < rounds; bit <<= 1)
        {
            reversed = (reversed << 1) | (round & 1);
            round >>= 1;
        }

        return reversed;
    }

    /// <summary>Adds the next term.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(double term)
    {
        int n = _count;
        _count = n + 1;
        double sum = term;
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

        Latest = sum;
    }

    private double AddUpper(int n, double sum)
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

        sum = _level6 + sum;
        if ((n & 128) == 0)
        {
            _level7 = sum;
            return sum;
        }

        return _level7 + sum;
    }
}
