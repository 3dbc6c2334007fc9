using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Requant.Numerics;

/// <summary>Random numbers of elements: a word of 32 bits for each pair of neighbours, 16 for either.</summary>
/// <remarks>
/// The word of pair <c>j</c> is lowbias32 (C. Wellons' hash-prospector, with the constants of its issue 19) of <c>j</c>
/// exclusive or the low half of a key, the key's high half put in between the two multiplications: a permutation of
/// 32 bits for each key, so that each number is there equally often among 2^33 elements. The high half of <c>j</c>
/// goes into the key. Integers alone, so that devices agree. Checkpoints rest on every number here.
/// </remarks>
internal static class RandomPairs
{
    /// <summary>Bits of an element's index whose pairs' numbers have one high half.</summary>
    public const long LastOfUpperHalf = (1L << 33) - 1;

    private const uint FirstFactor = 0x21f0aaad;
    private const uint SecondFactor = 0xd35a2d97;

    /// <summary>Odd, and without long runs of equal bits: it spreads upper halves, which are small.</summary>
    private const uint UpperFactor = 0x9e3779b1;

    /// <summary>The definition: an element's number, from 0 to 65535.</summary>
    /// <param name="index">Of the element in its tensor, from 0.</param>
    /// <param name="key">From <see cref="RoundingKey"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Number(long index, ulong key)
    {
        key = KeyAt(index, key);
        uint word = Word((uint)(index >> 1) ^ (uint)key, (uint)(key >> 32));
        return (int)((index & 1) == 0 ? word & 0xffff : word >> 16);
    }

    /// <summary>The key of the 2^33 elements whose pairs' numbers have one high half.</summary>
    /// <param name="index">Of one of them.</param>
    /// <param name="key">Of the tensor.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong KeyAt(long index, ulong key)
    {
        uint upper = Spread((uint)(index >> 33));
        return key ^ (((ulong)upper << 32) | upper);
    }

    /// <summary>What both halves of a key are changed by where pairs' numbers have this high half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Spread(uint upper) => upper * UpperFactor;

    /// <summary>The word of a pair; the even element has its low half.</summary>
    /// <param name="pair">Lower half of the pair's number, exclusive or that of the key.</param>
    /// <param name="middle">Upper half of the key.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Word(uint pair, uint middle)
    {
        uint x = (pair ^ (pair >> 16)) * FirstFactor;
        x = (x ^ (x >> 15) ^ middle) * SecondFactor;
        return x ^ (x >> 15);
    }

    /// <inheritdoc cref="Word(uint, uint)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Word(Vector128<uint> pair, Vector128<uint> middle)
    {
        Vector128<uint> x = (pair ^ (pair >> 16)) * Vector128.Create(FirstFactor);
        x = (x ^ (x >> 15) ^ middle) * Vector128.Create(SecondFactor);
        return x ^ (x >> 15);
    }

    /// <inheritdoc cref="Word(uint, uint)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Word(Vector256<uint> pair, Vector256<uint> middle)
    {
        Vector256<uint> x = (pair ^ (pair >> 16)) * Vector256.Create(FirstFactor);
        x = (x ^ (x >> 15) ^ middle) * Vector256.Create(SecondFactor);
        return x ^ (x >> 15);
    }

    /// <inheritdoc cref="Word(uint, uint)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Word(Vector512<uint> pair, Vector512<uint> middle)
    {
        Vector512<uint> x = (pair ^ (pair >> 16)) * Vector512.Create(FirstFactor);
        x = (x ^ (x >> 15) ^ middle) * Vector512.Create(SecondFactor);
        return x ^ (x >> 15);
    }
}
