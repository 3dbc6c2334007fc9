using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Requant.Codecs.Blocks;

/// <summary>The largest magnitude of a block, as float32 bits: those of magnitudes order like integers, with infinity
/// and NaN above all numbers, and integer maxima need no care for NaN.</summary>
internal static unsafe class BlockMaximum
{
    private const int MagnitudeMask = int.MaxValue;

    /// <summary>The largest of float32[<paramref name="length"/>].</summary>
    public static int Bits(float* values, int length) => Bits(values, length, 0);

    /// <summary><see cref="Bits(float*, int)"/> with vectors of 4.</summary>
    public static int Bits128(float* values, int length)
    {
        Vector128<int> mask = Vector128.Create(MagnitudeMask);
        Vector128<int> most = Vector128<int>.Zero;
        int i = 0;
        for (; i <= length - Vector128<int>.Count; i += Vector128<int>.Count)
        {
            most = Vector128.Max(most, Vector128.Load((int*)values + i) & mask);
        }

        return Bits(values + i, length - i, Largest(most));
    }

    /// <summary><see cref="Bits(float*, int)"/> with vectors of 8.</summary>
    public static int Bits256(float* values, int length)
    {
        Vector256<int> mask = Vector256.Create(MagnitudeMask);
        Vector256<int> most = Vector256<int>.Zero;
        int i = 0;
        for (; i <= length - Vector256<int>.Count; i += Vector256<int>.Count)
        {
            most = Vector256.Max(most, Vector256.Load((int*)values + i) & mask);
        }

        return Bits(values + i, length - i, Largest(most));
    }

    /// <summary><see cref="Bits(float*, int)"/> with vectors of 16.</summary>
    public static int Bits512(float* values, int length)
    {
        Vector512<int> mask = Vector512.Create(MagnitudeMask);
        Vector512<int> even = Vector512<int>.Zero;
        Vector512<int> odd = Vector512<int>.Zero;
        int i = 0;
        for (; i <= length - (2 * Vector512<int>.Count); i += 2 * Vector512<int>.Count)
        {
            even = Vector512.Max(even, Vector512.Load((int*)values + i) & mask);
            odd = Vector512.Max(odd, Vector512.Load((int*)values + i + Vector512<int>.Count) & mask);
        }

        for (; i <= length - Vector512<int>.Count; i += Vector512<int>.Count)
        {
            even = Vector512.Max(even, Vector512.Load((int*)values + i) & mask);
        }

        Vector512<int> most = Vector512.Max(even, odd);
        return Bits(values + i, length - i, Largest(Vector256.Max(most.GetLower(), most.GetUpper())));
    }

    /// <summary>The largest of float32[<paramref name="length"/>], given that of each lane of its
    /// whole vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Bits(float* values, int length, Vector128<int> lanes)
    {
        int rest = length % Vector128<int>.Count;
        return Bits(values + length - rest, rest, Largest(lanes));
    }

    /// <summary>The largest of float32[<paramref name="length"/>], given that of each lane of its
    /// whole vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Bits(float* values, int length, Vector256<int> lanes)
    {
        int rest = length % Vector256<int>.Count;
        return Bits(values + length - rest, rest, Largest(lanes));
    }

    /// <summary>The largest of float32[<paramref name="length"/>], given that of each lane of its
    /// whole vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Bits(float* values, int length, Vector512<int> lanes)
    {
        int rest = length % Vector512<int>.Count;
        return Bits(values + length - rest, rest, Largest(Vector256.Max(lanes.GetLower(), lanes.GetUpper())));
    }

    private static int Bits(float* values, int length, int most)
    {
        for (int i = 0; i < length; i++)
        {
            most = Math.Max(most, BitConverter.SingleToInt32Bits(values[i]) & MagnitudeMask);
        }

        return most;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Largest(Vector256<int> lanes) => Largest(Vector128.Max(lanes.GetLower(), lanes.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Largest(Vector128<int> lanes)
    {
        lanes = Vector128.Max(lanes, Vector128.Shuffle(lanes, Vector128.Create(2, 3, 0, 1)));
        lanes = Vector128.Max(lanes, Vector128.Shuffle(lanes, Vector128.Create(1, 0, 3, 2)));
        return lanes.ToScalar();
    }
}
